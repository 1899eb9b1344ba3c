"""Features of images that were looked at before, kept on disk: what is asked again is read.

A night asks for the features of an image several times: to compare it with nights before, to fit
the whitening, to learn, to compare models. To read them takes a fraction of the backbone's time.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import PIL
import safetensors.numpy
import torch
from safetensors import SafetensorError

from technopro import __version__
from technopro.features.extract import Extractor
from technopro.features.light import timm
from technopro.features.openvino import import_openvino
from technopro.features.views import LEVELS, Raw

FORMAT = 1  # raised whenever `look` or what it is given is computed otherwise
DIGEST = 16  # bytes before the features, by which a damaged file is known
COARSE_S = 1.0  # clocks of file systems are coarse
ROOM = 0.9  # of the bound is left in use when the oldest make room


@dataclass
class FeatureCache:
    """Raw features of single images in a folder of about `most` bytes at most; the last used stay.

    Nothing goes that this process has used itself: of more images than there is room for, the first
    are kept. It never takes the last of a disk: as much as it may hold in all stays free, and where
    others take that, it gives way. Processes may share it; each counts what it finds when it first
    keeps something and whenever it believes the folder full.
    """

    folder: Path
    most: int  # bytes
    _since: float = field(default_factory=lambda: time.time() - COARSE_S, repr=False)
    _held: float | None = field(default=None, repr=False)  # bytes, as far as this process knows
    _full: bool = field(default=False, repr=False)  # of what this process has used

    def has(self, name: str) -> bool:
        """Return whether something was kept, whole or not."""
        return (self.folder / name).exists()

    def get(self, name: str) -> Raw | None:
        """Return what was kept, as features of one image on the CPU; None where nothing was."""
        path = self.folder / name
        try:
            data = path.read_bytes()
        except OSError:
            return None
        with suppress(OSError):
            os.utime(path)  # was of use
        kept = memoryview(data)[DIGEST:]
        if _digest(kept) != data[:DIGEST]:
            return None
        with suppress(SafetensorError, KeyError):
            tensors = safetensors.numpy.load(bytes(kept))
            return _raw({name: torch.from_numpy(values) for name, values in tensors.items()})
        return None

    def put(self, name: str, raw: Raw) -> None:
        """Keep the features of one image; whole or not at all."""
        own = {"pooled": raw.pooled, "picture": raw.picture, **raw.levels}
        size = DIGEST + sum(v.nbytes for v in own.values())
        with suppress(OSError):
            if self._has_room(size):
                data = safetensors.numpy.save(
                    {k: np.ascontiguousarray(v.numpy()) for k, v in own.items()}
                )
                self._write(self.folder / name, _digest(data) + data)

    def _write(self, path: Path, data: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"partial-{uuid.uuid4().hex}")
        try:
            partial.write_bytes(data)
            partial.replace(path)
        except OSError:
            partial.unlink(missing_ok=True)
            raise
        self._held = (self._held or 0) + len(data)

    def _has_room(self, size: int) -> bool:
        """Return whether so many bytes may be kept; the longest unused make room."""
        if self._full:
            return False
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._held is not None and self._held + size <= self._bound(self._held):
            return True
        files = self._files()
        self._held = sum(stat.st_size for _, stat in files)
        bound = self._bound(self._held)
        if self._held + size > bound:
            self._let_go(files, ROOM * bound - size)
        self._full = self._held + size > bound
        return not self._full

    def _let_go(self, files: list[tuple[Path, os.stat_result]], wanted: float) -> None:
        """Delete the longest unused until so many bytes are left, none that was used here."""
        held = self._held or 0
        for path, stat in files:
            if held <= wanted or stat.st_mtime >= self._since:
                break
            path.unlink(missing_ok=True)
            held -= stat.st_size
        self._held = held

    def _bound(self, held: float) -> float:
        """Return how much there may be where so much is held, by the disk's free room too."""
        return min(self.most, held + shutil.disk_usage(self.folder).free - self.most)

    def _files(self) -> list[tuple[Path, os.stat_result]]:
        """Return what is there, the longest unused first."""
        found = []
        for path in self.folder.glob("*/*"):
            with suppress(OSError):  # another process let it go
                found.append((path, path.stat()))
        return sorted(found, key=lambda one: one[1].st_mtime)


def feature_name(extractor: Extractor, shape: tuple[int, int], sha256: str) -> str:
    """Return the name of an image's features: equal names mean equal features, bit by bit."""
    depends_on = (
        FORMAT,
        extractor.backbone.name,
        extractor.backbone.sha256,
        shape,
        str(extractor.precision),
        extractor.device.type,
        torch.get_num_threads(),
        torch.backends.cpu.get_cpu_capability(),
        (__version__, PIL.__version__, timm.__version__, torch.__version__),
        import_openvino().__version__,
    )
    return f"{hashlib.sha256(repr(depends_on).encode()).hexdigest()[:16]}/{sha256}"


def _raw(tensors: dict[str, torch.Tensor]) -> Raw:
    levels = {name: tensors[name] for name in LEVELS}
    return Raw(tensors["pooled"], levels, tensors["picture"])


def _digest(data: bytes | memoryview) -> bytes:
    return hashlib.blake2b(data, digest_size=DIGEST).digest()
