"""Features of images that were looked at before, kept on disk: what is asked again is read.

A night asks for the features of an image several times: to compare it with nights before, to fit
the whitening, to learn, to compare models. To read them takes a hundredth of the backbone's time.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import safetensors.numpy
import timm
import torch
from safetensors import SafetensorError

from technopro import __version__
from technopro.features.device import uploaded
from technopro.features.extract import Extractor
from technopro.features.openvino import import_openvino
from technopro.features.views import LEVELS, Raw

DIGEST = 16  # bytes before the features, by which a damaged file is known
ROOM = 0.9  # of the bound is left in use when the oldest make room


@dataclass
class FeatureCache:
    """Raw features of single images in a folder of at most `most` bytes; the last used stay.

    Several processes may share it. It never takes the last of a disk: as much as it may hold in
    all stays free. Where nothing can be written, nothing is kept.
    """

    folder: Path
    most: int  # bytes
    _held: int | None = field(default=None, repr=False)  # bytes, as far as this process knows

    def get(self, name: str, device: torch.device) -> Raw | None:
        """Return what was kept, as features of one image on the device; None where nothing was."""
        path = self.folder / name
        try:
            data = path.read_bytes()
            os.utime(path)  # was of use
        except OSError:
            return None
        kept = memoryview(data)[DIGEST:]
        if _digest(kept) != data[:DIGEST]:
            return None
        with suppress(SafetensorError, KeyError):
            tensors = safetensors.numpy.load(bytes(kept))
            return _raw({k: uploaded(torch.from_numpy(v), device) for k, v in tensors.items()})
        return None

    def put(self, name: str, raw: Raw) -> None:
        """Keep the features of one image; whole or not at all."""
        own = {"pooled": raw.pooled, "picture": raw.picture, **raw.levels}
        arrays = {k: np.ascontiguousarray(v.cpu().numpy()) for k, v in own.items()}
        data = safetensors.numpy.save(arrays)
        with suppress(OSError):
            self._make_room(len(data) + DIGEST)
            if shutil.disk_usage(self.folder).free > self.most:
                self._write(self.folder / name, _digest(data) + data)

    def _write(self, path: Path, data: bytes) -> None:
        path.parent.mkdir(exist_ok=True)
        handle, partial = tempfile.mkstemp(prefix="partial-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(partial).replace(path)
        except OSError:
            Path(partial).unlink(missing_ok=True)
            raise
        self._held = (self._held or 0) + len(data)

    def _make_room(self, size: int) -> None:
        if self._held is not None and self._held + size <= self.most:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        files = [(path, path.stat()) for path in self.folder.glob("*/*")]
        self._held = sum(stat.st_size for _, stat in files)
        if self._held + size <= self.most:
            return
        for path, stat in sorted(files, key=lambda one: one[1].st_mtime):
            if self._held + size <= ROOM * self.most:
                break
            path.unlink(missing_ok=True)
            self._held -= stat.st_size


def feature_name(extractor: Extractor, shape: tuple[int, int], sha256: str) -> str:
    """Return the name of an image's features: equal names mean equal features.

    On a CPU bit by bit; what a GPU computes depends a little on how many images it sees at once.
    """
    depends_on = (
        extractor.backbone.name,
        extractor.backbone.sha256,
        shape,
        str(extractor.precision),
        extractor.device.type,
        torch.get_num_threads(),
        (__version__, timm.__version__, torch.__version__, import_openvino().__version__),
    )
    return f"{hashlib.sha256(repr(depends_on).encode()).hexdigest()[:16]}/{sha256}"


def _raw(tensors: dict[str, torch.Tensor]) -> Raw:
    levels = {name: tensors[name] for name in LEVELS}
    return Raw(tensors["pooled"], levels, tensors["picture"])


def _digest(data: bytes | memoryview) -> bytes:
    return hashlib.blake2b(data, digest_size=DIGEST).digest()
