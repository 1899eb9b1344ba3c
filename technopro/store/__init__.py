"""Objects by key: a folder, an S3 bucket, or memory for tests, behind one protocol."""

from technopro.store.address import open_store
from technopro.store.folder import FolderStore
from technopro.store.memory import MemoryStore
from technopro.store.port import ObjectInfo, ObjectStore, ObjectUnreadable
from technopro.store.s3 import S3Store

__all__ = [
    "FolderStore",
    "MemoryStore",
    "ObjectInfo",
    "ObjectStore",
    "ObjectUnreadable",
    "S3Store",
    "open_store",
]
