"""Gaussian seeds: the distance of an image, its patches, or its places from the rest.

All are one-component Gaussian mixtures whose squared Mahalanobis distance (the negative
log-likelihood up to a constant) is the score. `pooled` describes the image as a whole, `patch`
all patches by one Gaussian, `place` those of each region of the picture by their own (PaDiM,
Defard et al. 2021, arXiv:2011.08785, takes single positions), shrunk towards the covariance shared
by all regions where images are few. Features are averaged over a small window before the distance
is taken: chance cancels out in the mean, a defect as large as the window does not.

Every statistic is kept per fold, so that an image is scored by a fit that has not seen it, and is
accumulated over streamed views: memory does not grow with the number of images.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch.nn import functional as F

from technopro.features.views import Views
from technopro.fold import FOLDS
from technopro.seeding.seed import Material

REGIONS = 8  # a side, for `place`
SHRINK = 3.0  # vectors a dimension at which a region's own covariance weighs a half
RIDGE = 1e-3  # of the mean variance
Kind = Literal["pooled", "patch", "place"]


@dataclass(frozen=True)
class GaussianSeed:
    """Which features are described, averaged over which window, and whether place matters."""

    kind: Kind
    level: str = ""
    window: int = 1  # positions a side, odd

    @property
    def name(self) -> str:
        return f"{self.kind}-{self.level}-{self.window}" if self.level else self.kind

    def fit(self, material: Material) -> FittedGaussian:
        """Return the seed fitted once a fold, each time on the kept images of the other folds."""
        moments: _Moments | None = None
        for view, keep in material.kept():
            x = self.vectors(view)
            regions = Regions.of(x.shape[1:3], self.kind)
            if moments is None:
                moments = _Moments.zeros(FOLDS, len(regions.sizes), x)
            moments.add(regions.sort(x[keep]), view.folds[keep])
        if moments is None:
            raise ValueError("expected at least one view to fit a seed, found none")
        return FittedGaussian(self, *moments.solve())

    def restore(self, tensors: dict[str, np.ndarray]) -> FittedGaussian:
        mean, root = (torch.from_numpy(tensors[k]) for k in ("mean", "root"))
        return FittedGaussian(self, mean, root)

    def vectors(self, view: Views) -> torch.Tensor:
        """Return (B, h, w, d)."""
        if self.kind == "pooled":
            return view.pooled[:, None, None, :]
        return averaged(view.maps[self.level], self.window)


def averaged(maps: torch.Tensor, window: int) -> torch.Tensor:
    """Return (B, h, w, d) features averaged over windows of positions."""
    return averaged_first(maps.permute(0, 3, 1, 2), window).permute(0, 2, 3, 1)


def averaged_first(x: torch.Tensor, window: int) -> torch.Tensor:
    """Return (B, d, h, w) features averaged over windows of positions."""
    if window == 1:
        return x
    return F.avg_pool2d(x, window, 1, window // 2, count_include_pad=False)


@dataclass(frozen=True)
class FittedGaussian:
    """Means and roots of the inverse covariances, one a fold (K) and region (R)."""

    seed: GaussianSeed
    mean: torch.Tensor  # (K, R, d)
    root: torch.Tensor  # (K, R, d, d): inverse covariance = root @ root.T

    def log_distances(self, view: Views) -> torch.Tensor:
        """Log of the squared Mahalanobis distance of every position: (B, h, w)."""
        x = self.seed.vectors(view)
        regions = Regions.of(x.shape[1:3], self.seed.kind)
        out = x.new_empty(x.shape[:3])
        for fold in range(FOLDS):
            chosen = view.folds == fold
            if chosen.any():
                parts = [
                    ((part - mean) @ root).square().sum(2)
                    for part, mean, root in zip(
                        regions.sort(x[chosen]), self.mean[fold], self.root[fold], strict=True
                    )
                ]
                out[chosen] = regions.unsort(torch.cat(parts, 1))
        return out.clamp_min(1e-6).log()

    def tensors(self) -> dict[str, np.ndarray]:
        """Return the arrays from which the seed can be restored."""
        return {"mean": self.mean.cpu().numpy(), "root": self.root.cpu().numpy()}


@dataclass(frozen=True)
class Regions:
    """The positions of a map sorted by the region they lie in."""

    shape: tuple[int, int]
    number: torch.Tensor  # (h·w,) region of each position
    order: torch.Tensor  # (h·w,) position of each sorted place
    sizes: list[int]  # positions of each region

    @classmethod
    def of(cls, shape: Sequence[int], kind: Kind) -> Regions:
        """Cut (height, width) positions into 8 x 8 regions, or into one."""
        h, w = shape
        down, across = (min(REGIONS, h), min(REGIONS, w)) if kind == "place" else (1, 1)
        row, column = torch.arange(h) * down // h, torch.arange(w) * across // w
        region = (row[:, None] * across + column).flatten()
        return cls((h, w), region, region.argsort(stable=True), region.bincount().tolist())

    def sort(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Cut (B, h, w, d) into one (B, n, d) a region."""
        flat = x.flatten(1, 2)
        return torch.split(flat if len(self.sizes) == 1 else flat[:, self.order], self.sizes, 1)

    def unsort(self, values: torch.Tensor) -> torch.Tensor:
        """(B, h·w) in sorted order back to (B, h, w)."""
        out = torch.empty_like(values)
        out[:, self.order] = values
        return out.view(len(out), *self.shape)


@dataclass
class _Moments:
    """Count, sum and sum of outer products per fold and region."""

    count: torch.Tensor  # (K, R)
    total: torch.Tensor  # (K, R, d)
    outer: torch.Tensor  # (K, R, d, d)

    @classmethod
    def zeros(cls, folds: int, regions: int, like: torch.Tensor) -> _Moments:
        """Return none yet, of vectors (…, d) like these."""
        d = like.shape[-1]
        return cls(
            like.new_zeros(folds, regions),
            like.new_zeros(folds, regions, d),
            like.new_zeros(folds, regions, d, d),
        )

    def add(self, parts: tuple[torch.Tensor, ...], folds: torch.Tensor) -> None:
        """Add one (B, n, d) a region, of images in the given folds."""
        for region, part in enumerate(parts):
            for fold in range(len(self.count)):
                x = part[folds == fold].flatten(0, 1)
                self.count[fold, region] += len(x)
                self.total[fold, region] += x.sum(0)
                self.outer[fold, region] += x.T @ x

    def solve(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return mean (K, R, d) and root of the inverse covariance (K, R, d, d)."""
        fitted = [self._solve_without(fold) for fold in range(len(self.count))]
        return torch.stack([m for m, _ in fitted]), torch.stack([r for _, r in fitted])

    def _solve_without(self, fold: int) -> tuple[torch.Tensor, torch.Tensor]:
        others = torch.arange(len(self.count)) != fold
        n = self.count[others].sum(0)[:, None].clamp_min(1)  # (R, 1)
        mean = self.total[others].sum(0) / n
        own = self.outer[others].sum(0) / n[..., None] - mean[:, :, None] * mean[:, None, :]
        d = mean.shape[-1]
        trust = (n / (n + SHRINK * d))[..., None] if len(own) > 1 else own.new_ones(1, 1, 1)
        covariance = trust * own + (1 - trust) * own.mean(0, keepdim=True)
        eye = torch.eye(d, device=own.device)
        ridge = RIDGE * covariance.diagonal(dim1=1, dim2=2).mean().clamp_min(1e-6) * eye
        return mean, torch.linalg.cholesky(torch.linalg.inv(covariance + ridge))
