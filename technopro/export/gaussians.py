"""The bank of Gaussians and mixtures of one fold, laid out for a compiler; see `seeding.bank`."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn
from torch.nn import functional as F

from technopro.features.views import FINEST, LEVELS
from technopro.seeding.bank import CAP, Ruler
from technopro.seeding.gaussian import FittedGaussian, Regions, averaged_first
from technopro.seeding.mixture import Components, FittedMixture

Shape = tuple[int, int]


class GaussianMaps(nn.Module):
    """Whitened levels and pooled vector to the standardised maps on the finest grid."""

    def __init__(self, ruler: Ruler, fold: int, shape: Shape, grid: Shape) -> None:
        super().__init__()
        self.grid = grid
        parts = zip(ruler.fitted, ruler.usual, ruler.spread, strict=True)
        self.parts = nn.ModuleList(
            _Standardised(_log_distance(g, fold, shape), usual[fold], spread[fold])
            for g, usual, spread in parts
        )
        self.levels = [one.seed.level for one in ruler.fitted]

    def forward(self, levels: Mapping[str, torch.Tensor], pooled: torch.Tensor) -> torch.Tensor:
        """(1, d, h, w) a level and (1, d, 1, 1) to (1, M, h, w)."""
        maps = [
            on_grid(part(levels[name] if name else pooled), self.grid)
            for name, part in zip(self.levels, self.parts, strict=True)
        ]
        return rounded(torch.cat(maps, 1).clamp_max(CAP))


class _Standardised(nn.Module):
    """A log distance from what is usual at its place, in units of its spread."""

    usual: torch.Tensor
    spread: torch.Tensor

    def __init__(self, distance: nn.Module, usual: torch.Tensor, spread: torch.Tensor) -> None:
        super().__init__()
        self.distance = distance
        self.register_buffer("usual", usual.clone())
        self.register_buffer("spread", spread.clone())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        squared: torch.Tensor = self.distance(x).clamp_min(1e-6)  # (1, 1, h, w)
        return (squared.log() - self.usual) / self.spread


def _log_distance(fitted: FittedGaussian | FittedMixture, fold: int, shape: Shape) -> nn.Module:
    seed = fitted.seed
    stride = max(LEVELS[seed.level], LEVELS[FINEST]) if seed.level else 1
    grid = (shape[0] // stride, shape[1] // stride)
    if isinstance(fitted, FittedMixture):
        return _Mixed(fitted.parts[fold], fitted.regions[fold], seed.window, grid)
    mean, root = fitted.mean[fold], fitted.root[fold]
    if fitted.seed.kind != "place":
        return _Everywhere(mean[0], root[0], seed.window)
    return _ByRegion(mean, root, seed.window, grid)


class _Everywhere(nn.Module):
    """Squared Mahalanobis distance by one Gaussian for all positions, as a convolution."""

    weight: torch.Tensor
    mean: torch.Tensor

    def __init__(self, mean: torch.Tensor, root: torch.Tensor, window: int) -> None:
        super().__init__()
        self.window = window
        self.register_buffer("weight", root.T[:, :, None, None].contiguous())
        self.register_buffer("mean", mean[None, :, None, None].clone())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        centred = averaged_first(x, self.window) - self.mean
        return F.conv2d(centred, self.weight).square().sum(1, keepdim=True)


class _ByRegion(nn.Module):
    """Squared Mahalanobis distance by the Gaussian of each position's region.

    Regions differ in size by a row and a column at most; each is filled up with its first position.
    """

    table: torch.Tensor
    back: torch.Tensor
    mean: torch.Tensor
    root: torch.Tensor

    def __init__(self, mean: torch.Tensor, root: torch.Tensor, window: int, shape: Shape) -> None:
        super().__init__()
        self.window, self.shape = window, shape
        regions = Regions.of(shape, "place")
        most = max(regions.sizes)
        table, back = [], torch.empty(shape[0] * shape[1], dtype=torch.long)
        for number, own in enumerate(torch.split(regions.order, regions.sizes)):
            back[own] = number * most + torch.arange(len(own))
            table.append(torch.cat([own, own[:1].expand(most - len(own))]))
        self.register_buffer("table", torch.cat(table))  # (R·n,)
        self.register_buffer("back", back)
        self.register_buffer("mean", mean[:, None].clone())  # (R, 1, d)
        self.register_buffer("root", root.clone())  # (R, d, d)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        positions = averaged_first(x, self.window)[0].flatten(1).T  # (h·w, d)
        by_region = positions[self.table].view(len(self.root), -1, positions.shape[1])
        squared = ((by_region - self.mean) @ self.root).square().sum(2).flatten()
        return squared[self.back].view(1, 1, *self.shape)


class _Mixed(nn.Module):
    """-2 log likelihood by the components of a mixture, as one convolution for all of them."""

    weight: torch.Tensor
    shift: torch.Tensor
    volume: torch.Tensor
    shown: torch.Tensor

    def __init__(self, part: Components, weights: torch.Tensor, window: int, grid: Shape) -> None:
        super().__init__()
        count, d = part.mean.shape
        self.window, self.inside = window, (count, d, *grid)
        side_by_side = part.root.permute(0, 2, 1).reshape(count * d, d)
        self.register_buffer("weight", side_by_side[:, :, None, None].contiguous())
        self.register_buffer("shift", -torch.einsum("kd,kde->ke", part.mean, part.root).flatten())
        self.register_buffer("volume", part.volume[:, None, None].clone())
        shown = weights[Regions.of(grid, "place").number]  # (h·w, K)
        self.register_buffer("shown", shown.T.reshape(count, *grid).contiguous())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        whitened = F.conv2d(averaged_first(x, self.window), self.weight, self.shift)
        squared = whitened.view(self.inside).square().sum(1) + self.volume  # (K, h, w)
        return -2.0 * (self.shown - 0.5 * squared).logsumexp(0)[None, None]


def on_grid(maps: torch.Tensor, grid: Shape) -> torch.Tensor:
    """Interpolate (1, d, h, w) maps to the finest grid."""
    if tuple(maps.shape[2:]) == grid:
        return maps
    return F.interpolate(maps, grid, mode="bilinear", align_corners=False)


def rounded(x: torch.Tensor) -> torch.Tensor:
    """Round to half precision, as what a night keeps on disk.

    By Veltkamp's splitting (Dekker 1971, Numer. Math. 18, 224): the upper 11 of 24 bits, by sums
    that a compiler leaves alone; a conversion to half and back would be taken for superfluous.
    """
    scaled = x * 8193.0  # 2^13 + 1
    return scaled - (scaled - x)
