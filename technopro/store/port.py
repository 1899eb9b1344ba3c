"""What every object store can do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from technopro.errors import StoreError

HIDDEN_NAMES = frozenset({"thumbs.db", "desktop.ini"})  # litter of Windows, in lower case


class ObjectUnreadable(StoreError):
    """This one object cannot be read (permission, link, device); the others may be fine."""


@dataclass(frozen=True)
class ObjectInfo:
    """One line of a listing."""

    key: str  # relative to the store's root, POSIX
    size_bytes: int
    modified: datetime  # UTC
    stamp: str  # another one where the bytes are others: an ETag, or size and time


class ObjectStore(Protocol):
    """Bytes by key. Every method may be called from several threads at once."""

    repeats: int  # requests that had to be made again: throttled, refused, broken off

    @property
    def url(self) -> str:
        """Absolute folder or s3:// URI; never holds a secret."""
        ...

    def put(self, key: str, data: bytes) -> bool:
        """Write `data` unless `key` exists; True if newly written. Readers never see half of it."""
        ...

    def replace(self, key: str, data: bytes) -> None:
        """Write `data`, whatever was there. Readers see the old bytes or the new, never a mix."""
        ...

    def get(self, key: str) -> bytes:
        """Return the bytes; ObjectMissing if there are none, ObjectUnreadable if refused."""
        ...

    def exists(self, key: str) -> bool:
        """Return whether `get` would find an object."""
        ...

    def delete(self, key: str) -> None:
        """Remove the object; nothing happens if there is none."""
        ...

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        """Yield all objects whose key starts with `prefix`, sorted by key, without hidden files."""
        ...


def is_hidden(key: str) -> bool:
    """Return whether a part of `key` starts with a dot, or is Thumbs.db or desktop.ini."""
    return any(part.startswith(".") or part.lower() in HIDDEN_NAMES for part in key.split("/"))
