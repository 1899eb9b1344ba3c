"""The fake beside the port: a dictionary that behaves like a store."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

from technopro.errors import ObjectMissing
from technopro.store.port import ObjectInfo, is_hidden

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class MemoryStore:
    """Objects in memory, for tests; `objects` may be looked into and changed."""

    def __init__(self, objects: dict[str, bytes] | None = None, url: str = "memory://") -> None:
        self.objects = {} if objects is None else objects
        self.url = url
        self.repeats = 0
        self._lock = threading.Lock()

    def put(self, key: str, data: bytes) -> bool:
        with self._lock:
            if key in self.objects:
                return False
            self.objects[key] = data
            return True

    def replace(self, key: str, data: bytes) -> None:
        self.objects[key] = data

    def get(self, key: str) -> bytes:
        try:
            return self.objects[key]
        except KeyError:
            raise ObjectMissing(f"expected an object {key!r} in {self.url}, found none") from None

    def exists(self, key: str) -> bool:
        return key in self.objects

    def delete(self, key: str) -> None:
        self.objects.pop(key, None)

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        for key in sorted(self.objects):
            if key.startswith(prefix) and not is_hidden(key):
                data = self.objects[key]
                yield ObjectInfo(key, len(data), EPOCH, hashlib.sha256(data).hexdigest())
