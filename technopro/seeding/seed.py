"""The protocol every seed follows: fitted once a fold, it scores images of the held-out fold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch.nn import functional as F

from technopro.features.scratch import ViewFile
from technopro.features.views import Views

FOLDS = 2
WORST = 0.003  # share of the positions that makes an image's score


def fold_of(sha256: str) -> int:
    """Return the fold of an image, a pure function of its bytes.

    The part of a model that belongs to this fold was fitted without the image, so one rule scores
    training images honestly and new images alike.
    """
    return int(sha256[:8], 16) % FOLDS


@dataclass(frozen=True)
class Material:
    """What a seed may learn from: one pattern's images, and the same with defects drawn on."""

    views: ViewFile
    drawn: ViewFile
    masks: np.ndarray  # (M, h, w) share of each fine position that the drawn defect covers
    source: np.ndarray  # (M,) index of each drawn image's original
    keep: np.ndarray  # (N,) bool: images that may enter a fit; the oddest are left out

    def kept(self) -> Iterator[tuple[Views, torch.Tensor]]:
        """Yield all views in order, each with the (B,) bool of images that may enter a fit."""
        done = 0
        for view in self.views.chunks():
            yield view, torch.from_numpy(self.keep[done : done + len(view)])
            done += len(view)


def worst_positions(values: torch.Tensor) -> torch.Tensor:
    """Mean of the worst 0.3 % of the positions: (B, h, w) -> (B,)."""
    flat = values.flatten(1)
    return flat.topk(max(1, int(flat.shape[1] * WORST)), dim=1).values.mean(1)


def on_finest_grid(maps: torch.Tensor, view: Views) -> torch.Tensor:
    """Interpolate (B, h, w, d) maps to the grid of the view's finest level."""
    grid = view.grid
    if maps.shape[1:3] == grid:
        return maps
    first = maps.permute(0, 3, 1, 2)
    return F.interpolate(first, grid, mode="bilinear", align_corners=False).permute(0, 2, 3, 1)


def under(prefix: str, tensors: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the arrays whose names start with `prefix`, without it."""
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


class FittedSeed(Protocol):
    """A seed that has seen a pattern."""

    def scores(self, view: Views) -> dict[str, np.ndarray]:
        """Return (B,) scores by name, higher is worse; each image by the fit of its own fold.

        Scores are logs, logits or spreads: a distance between two means the same everywhere.
        """
        ...

    def tensors(self) -> dict[str, np.ndarray]:
        """Return the arrays from which the seed can be restored."""
        ...


class Seed(Protocol):
    """A way to tell the odd images of a pattern from the many, without labels."""

    @property
    def name(self) -> str:
        """Short and unique; part of the model's recipe."""
        ...

    def fit(self, material: Material, seed: int) -> FittedSeed:
        """Fit one part a fold, each on the images of the other folds; `seed` fixes all chance."""
        ...

    def restore(self, tensors: dict[str, np.ndarray]) -> FittedSeed:
        """Return the fitted seed from what `FittedSeed.tensors` gave."""
        ...
