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

WORST = 0.003  # share of the positions that makes an image's score
TILE = 64  # positions a side, of the finest grid
TILES = 16  # parts into which an image is cut to find its better half …
WORST_OF_TILE = 0.01  # … and the share of a part's positions that makes its score


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

    def altered(self) -> Iterator[tuple[Views, torch.Tensor, torch.Tensor]]:
        """Yield all drawn views in order, their masks, and the (B,) bool of those to learn from.

        An original that was left out may have a defect of its own, which no mask covers.
        """
        done = 0
        for view in self.drawn.chunks():
            part = slice(done, done := done + len(view))
            keep = self.keep[self.source[part]]
            yield view, torch.from_numpy(self.masks[part]), torch.from_numpy(keep)


def worst_positions(values: torch.Tensor) -> torch.Tensor:
    """Mean of the worst 0.3 % of the positions of the worst tile: (B, h, w) -> (B,).

    A picture of at most 64 positions a side that is nearly square is one tile; strips and large
    pictures are cut into such tiles, half over one another, so that a defect weighs the same in a
    picture of any size and shape.
    """
    side = min(TILE, *values.shape[1:])
    tiles = [
        tile.flatten(1).topk(max(1, int(tile[0].numel() * WORST)), dim=1).values.mean(1)
        for rows in _over_one_another(values, 1, side)
        for tile in _over_one_another(rows, 2, side)
    ]
    return torch.stack(tiles).amax(0)


def _over_one_another(values: torch.Tensor, dim: int, side: int) -> list[torch.Tensor]:
    """Cut a dimension into equal parts of about `side`, each starting in the middle of another."""
    length = values.shape[dim]
    parts = round(length / side)
    if parts < 2:
        return [values]
    starts = torch.linspace(0, length - side, 2 * parts - 1).round().int().tolist()
    return [values.narrow(dim, start, side) for start in starts]


def better_half(values: torch.Tensor) -> torch.Tensor:
    """Return how odd the less odd half of each image is: (B, h, w) -> (B,).

    The image is cut into 16 parts, nearly square; the worst of the better eight counts. A defect is
    in few of them, so this is what a sound image would score, but for a shift and a scale: the
    worst of few positions is less than the worst of many.
    """
    height, width = values.shape[1:]
    down = min(max(1, round((TILES * height / width) ** 0.5)), TILES, height)
    across = min(TILES // down, width)
    parts = [
        part.flatten(1).topk(max(1, int(part[0].numel() * WORST_OF_TILE)), dim=1).values.mean(1)
        for row in values.tensor_split(down, 1)
        for part in row.tensor_split(across, 2)
    ]
    scores = torch.stack(parts, 1).sort(1).values
    return scores[:, (scores.shape[1] - 1) // 2]


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

    def maps(self, view: Views) -> dict[str, torch.Tensor]:
        """Return (B, h, w) maps of oddness by name; each image by the fit of its own fold.

        The worst positions make an image's score. Values are logs, logits or spreads: a distance
        between two means the same everywhere.
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
