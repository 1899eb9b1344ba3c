"""The frozen backbone as OpenVINO's intermediate representation, kept between processes.

To convert a network takes seconds of tracing, to read what was converted a hundredth of one; every
run, shard and replay is a process of its own.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from technopro.features.openvino import import_openvino

MOST = 16  # kept conversions, of one shape each; 20 MB apiece for the packaged backbone
XML, BIN, DIGEST = "model.xml", "model.bin", "sha256"


@dataclass(frozen=True)
class Kept:
    """Where conversions of one network lie; `identity` tells its weights."""

    folder: Path
    identity: str

    def place(self, network: nn.Module, shape: tuple[int, ...]) -> Path:
        """Return the folder of the conversion for inputs of this shape, by today's libraries."""
        libraries = torch.__version__, import_openvino().__version__
        told = (self.identity, repr(network), shape, *libraries)
        return self.folder / hashlib.sha256(repr(told).encode()).hexdigest()[:32]


def converted(network: nn.Module, example: torch.Tensor, kept: Kept | None) -> Any:  # noqa: ANN401
    """Return the network for inputs like `example`: the one kept, or converted now and kept.

    Where nothing can be kept, as on a full or read-only disk, it is converted each time.
    """
    if kept is None:
        return _convert(network, example)
    place = kept.place(network, tuple(example.shape))
    if (model := _read(place)) is not None:
        return model
    model = _convert(network, example)
    with suppress(OSError, RuntimeError):  # OpenVINO's word for a disk that takes no more
        _keep(model, place)
    return model


def _convert(network: nn.Module, example: torch.Tensor) -> Any:  # noqa: ANN401
    with torch.no_grad():
        model = import_openvino().convert_model(torch.export.export(network, (example,)))
    model.reshape(list(example.shape))  # else of any shape, and a little slower
    return model


def _read(place: Path) -> Any | None:  # noqa: ANN401
    try:
        if (place / DIGEST).read_text() != _digest(place):
            return None
        os.utime(place)  # was of use
    except OSError:  # there is none, or not all of it
        return None
    return import_openvino().Core().read_model(place / XML, place / BIN)


def _digest(place: Path) -> str:
    return hashlib.sha256((place / XML).read_bytes() + (place / BIN).read_bytes()).hexdigest()


def _keep(model: Any, place: Path) -> None:  # noqa: ANN401
    """Store whole or not at all: other processes may read it, or store the same."""
    place.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix="partial-", dir=place.parent))
    try:
        import_openvino().save_model(model, partial / XML, compress_to_fp16=False)
        (partial / DIGEST).write_text(_digest(partial))
        shutil.rmtree(place, ignore_errors=True)  # damaged, else it would have been read
        partial.rename(place)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    by_use = sorted(place.parent.iterdir(), key=lambda one: one.stat().st_mtime, reverse=True)
    for oldest in by_use[MOST:]:
        shutil.rmtree(oldest, ignore_errors=True)
