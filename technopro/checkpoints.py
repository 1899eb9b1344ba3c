"""What a run has done so far, kept in the object store, so that a run that dies is gone on with.

A checkpoint's key names all that it depends on. It is scratch: whoever needed it removes it in the
end, and upkeep removes what was left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import safetensors.numpy

from technopro.errors import ObjectMissing
from technopro.store import ObjectStore

FOLDER = "checkpoints/"
Tensors = Mapping[str, np.ndarray]


@dataclass
class Checkpoints:
    """Named arrays of one piece of work, in a folder of its own."""

    store: ObjectStore
    work: str  # name of the folder
    _used: set[str] = field(default_factory=set)

    def get(self, name: str) -> dict[str, np.ndarray] | None:
        """Return what was kept under a name, if anything."""
        key = self.key(name)
        try:
            found = safetensors.numpy.load(self.store.get(key))
        except ObjectMissing:
            return None
        self._used.add(key)
        return found

    def put(self, name: str, tensors: Tensors) -> None:
        """Keep arrays under a name, in place of what was there."""
        key = self.key(name)
        whole = {name: np.asarray(values, order="C") for name, values in tensors.items()}
        self.store.replace(key, safetensors.numpy.save(whole))
        self._used.add(key)

    def has(self, name: str) -> bool:
        """Return whether anything is kept under a name."""
        return self.store.exists(self.key(name))

    def clear(self) -> None:
        """Remove what was kept or found here."""
        for key in self._used:
            self.store.delete(key)
        self._used.clear()

    def key(self, name: str) -> str:
        """Return the key of the object."""
        return f"{FOLDER}{self.work}/{name}.safetensors"


def clear_checkpoints(store: ObjectStore, before: datetime) -> int:
    """Remove all checkpoints written before a moment; returns how many there were."""
    old = [one.key for one in store.list(FOLDER) if one.modified < before]
    for key in old:
        store.delete(key)
    return len(old)
