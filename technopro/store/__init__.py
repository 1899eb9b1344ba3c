"""Objects by key: a folder, an S3 bucket, or memory for tests, behind one protocol."""

from technopro.store.address import open_store
from technopro.store.folder import FolderStore
from technopro.store.memory import MemoryStore
from technopro.store.port import ObjectInfo, ObjectStore, ObjectUnreadable

__all__ = [
    "FolderStore",
    "MemoryStore",
    "ObjectInfo",
    "ObjectStore",
    "ObjectUnreadable",
    "open_store",
]
