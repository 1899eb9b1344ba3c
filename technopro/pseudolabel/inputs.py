"""What Swins read of many images, kept on disk, and what they answer."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from technopro.features.device import mixed, uploaded
from technopro.features.extract import batches
from technopro.features.scratch import RowFile, ViewFile
from technopro.features.views import Views

AT_ONCE = 64  # read from disk
SLICE, SLICE_ON_CPU = 64, 16  # computed together


@dataclass(frozen=True)
class Machine:
    """Where and in which precision the Swin runs."""

    device: torch.device
    precision: torch.dtype

    def autocast(self) -> AbstractContextManager[object]:
        return mixed(self.device, self.precision)


@dataclass(frozen=True)
class Inputs:
    """What the Swin reads of many images, on disk, with the fold of each."""

    rows: RowFile  # (C, S, S) float16 each
    folds: np.ndarray

    def read(self, indices: np.ndarray) -> torch.Tensor:
        """Return (len(indices), C, S, S) float32."""
        return torch.from_numpy(self.rows.read(indices)).float()


def prepare_inputs(views: ViewFile, read: Callable[[Views], torch.Tensor], path: Path) -> Inputs:
    """Write the Swin's inputs of all images once, since every round reads them often."""
    rows = RowFile(path)
    for view in views.chunks():
        rows.append(read(view).half().cpu().numpy())
    return Inputs(rows, views.folds.numpy())


def predict(
    network: nn.Module,
    inputs: Inputs,
    indices: np.ndarray,
    machine: Machine,
    change: Callable[[torch.Tensor], torch.Tensor] = lambda x: x,
) -> np.ndarray:
    """Return the logits of these images, changed first: (len(indices),) float32."""
    parts = [
        swin_logits(network, change(inputs.read(indices[part])), machine)
        for part in batches(len(indices), AT_ONCE)
    ]
    return np.concatenate([np.zeros(0, np.float32), *parts])


@torch.inference_mode()
def swin_logits(network: nn.Module, images: torch.Tensor, machine: Machine) -> np.ndarray:
    """Return the logits of (B, C, S, S) inputs: (B,) float32.

    Slices are filled up to one size: in half precision the hardware's way of computing, and with it
    the last digits, goes by the size, and an image's logit must not depend on its company.
    """
    network.eval()
    size = SLICE_ON_CPU if machine.device.type == "cpu" else SLICE
    logits = np.zeros(len(images), np.float32)
    for part in batches(len(images), size):
        own = uploaded(images[part], machine.device)
        full = F.pad(own, (0, 0, 0, 0, 0, 0, 0, size - len(own)))
        with machine.autocast():
            logits[part] = network(full)[: len(own), 0].float().cpu().numpy()
    return logits
