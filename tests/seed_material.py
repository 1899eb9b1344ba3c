"""Views of made-up images with known statistics, for the tests of the seeds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from technopro.features.scratch import ViewFile
from technopro.features.views import DIMENSIONS, LEVELS, Views
from technopro.seeding.seed import Material

SIDES = {"s4": 16, "s8": 16, "s16": 8, "s32": 4}  # positions a side


def make_views(count: int = 60, seed: int = 0) -> Views:
    """Independent standard normal features."""
    rng = np.random.default_rng(seed)

    def normal(*shape: int) -> torch.Tensor:
        return torch.from_numpy(rng.normal(size=shape).astype(np.float32))

    maps = {name: normal(count, SIDES[name], SIDES[name], 4) for name in LEVELS}
    assert set(maps) <= set(DIMENSIONS)
    picture = torch.from_numpy(rng.integers(0, 255, (count, 224, 224, 3)).astype(np.uint8))
    return Views(normal(count, 5), maps, picture, torch.arange(count) % 2)


def make_material(
    folder: Path, view: Views, drawn: Views | None = None, masks: np.ndarray | None = None
) -> Material:
    """Put views, and the same with drawn defects, where seeds expect them."""
    device = view.pooled.device
    files = ViewFile(folder / "views", device), ViewFile(folder / "drawn", device)
    files[0].append(view)
    files[1].append(view if drawn is None else drawn)
    count = len(view)
    if masks is None:
        masks = np.zeros((count, *view.grid), np.float32)
    return Material(*files, masks, np.arange(count), np.ones(count, bool))
