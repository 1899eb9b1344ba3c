"""Gaussian seeds: the distance of an image, its patches, or its positions from the rest.

All are one-component Gaussian mixtures whose squared Mahalanobis distance (the negative
log-likelihood up to a constant) is the score. `pooled` describes the image as a whole, `patch`
all patches by one Gaussian, `place` each position by its own (PaDiM, Defard et al. 2021,
arXiv:2011.08785), shrunk towards the covariance shared by all positions where images are few;
`layout` keeps the mean of each position but only the shared covariance.

Every statistic is kept per fold, so that an image is scored by a fit that has not seen it, and is
accumulated over streamed views: memory does not grow with the number of images.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch.nn import functional as F

from technopro.features.views import Views
from technopro.seeding.seed import FOLDS, Material

PLACES = 28  # positions a side at most: finer maps are averaged first
RIDGE = 1e-3  # of the unit variance that whitening gives
Kind = Literal["pooled", "patch", "place", "layout"]


@dataclass(frozen=True)
class GaussianSeed:
    """Which features are described, and whether position matters."""

    kind: Kind
    level: str = ""

    @property
    def name(self) -> str:
        return f"{self.kind}-{self.level}" if self.level else self.kind

    def fit(self, material: Material, seed: int) -> FittedGaussian:
        """Return the seed fitted once a fold, each time on the images of the other folds."""
        moments: _Moments | None = None
        for view in material.views.chunks():
            x = self.vectors(view)
            if moments is None:
                positions = 1 if self.shared_mean else x.shape[1] * x.shape[2]
                moments = _Moments.zeros(FOLDS, positions, x.shape[3])
            moments.add(x.flatten(1, 2), view.folds)
        if moments is None:
            raise ValueError("expected at least one view to fit a seed, found none")
        return FittedGaussian(self, *moments.solve(self.kind))

    def restore(self, tensors: dict[str, np.ndarray]) -> FittedGaussian:
        mean, root = (torch.from_numpy(tensors[k]) for k in ("mean", "root"))
        return FittedGaussian(self, mean, root)

    @property
    def shared_mean(self) -> bool:
        return self.kind in ("pooled", "patch")

    def vectors(self, view: Views) -> torch.Tensor:
        """Return (B, h, w, d)."""
        if self.kind == "pooled":
            return view.pooled[:, None, None, :]
        maps = view.maps[self.level]
        return maps if self.kind == "patch" else _coarsen(maps)


@dataclass(frozen=True)
class FittedGaussian:
    """Means and roots of the inverse covariances, one a fold (K) and position (P)."""

    seed: GaussianSeed
    mean: torch.Tensor  # (K, P, d)
    root: torch.Tensor  # (K, P or 1, d, d): inverse covariance = root @ root.T

    def score(self, view: Views) -> np.ndarray:
        """Return (B,): how far the worst neighbourhood of each image is from the others' fit."""
        x = self.seed.vectors(view)
        scores = torch.empty(len(x))
        for fold in range(FOLDS):
            chosen = view.folds == fold
            if not chosen.any():
                continue
            scores[chosen] = worst_neighbourhoods(self._distances(x[chosen], fold))
        return scores.numpy()

    def _distances(self, x: torch.Tensor, fold: int) -> torch.Tensor:
        """Squared Mahalanobis distance of every position: (B, h, w)."""
        b, h, w, d = x.shape
        centred = (x.reshape(b, h * w, d) - self.mean[fold]).transpose(0, 1)  # (P, B, d)
        whitened = centred @ self.root[fold]
        return whitened.square().sum(2).T.reshape(b, h, w)

    def tensors(self) -> dict[str, np.ndarray]:
        """Return the arrays from which the seed can be restored."""
        return {"mean": self.mean.numpy(), "root": self.root.numpy()}


def worst_neighbourhoods(values: torch.Tensor) -> torch.Tensor:
    """Mean of the worst 1 % of the 3x3 neighbourhoods: (B, h, w) -> (B,)."""
    smooth = F.avg_pool2d(values[:, None], 3, 1, 1, count_include_pad=False).flatten(1)
    return smooth.topk(max(1, smooth.shape[1] // 100), dim=1).values.mean(1)


def _coarsen(maps: torch.Tensor) -> torch.Tensor:
    """Average (B, h, w, d) maps down to at most 28 positions a side."""
    grid = (min(maps.shape[1], PLACES), min(maps.shape[2], PLACES))
    return F.adaptive_avg_pool2d(maps.permute(0, 3, 1, 2), grid).permute(0, 2, 3, 1)


@dataclass
class _Moments:
    """Count, sum and sum of outer products per fold and position."""

    count: torch.Tensor  # (K,)
    total: torch.Tensor  # (K, P, d)
    outer: torch.Tensor  # (K, P, d, d)

    @classmethod
    def zeros(cls, folds: int, positions: int, d: int) -> _Moments:
        return cls(
            torch.zeros(folds),
            torch.zeros(folds, positions, d),
            torch.zeros(folds, positions, d, d),
        )

    def add(self, x: torch.Tensor, folds: torch.Tensor) -> None:
        """Add (B, h·w, d) vectors of images in the given folds."""
        positions = self.total.shape[1]
        for fold in range(FOLDS):
            chosen = x[folds == fold]
            by_place = (
                chosen.transpose(0, 1) if positions > 1 else chosen.reshape(1, -1, x.shape[2])
            )
            self.count[fold] += by_place.shape[1]
            self.total[fold] += by_place.sum(1)
            self.outer[fold] += by_place.transpose(1, 2) @ by_place

    def solve(self, kind: Kind) -> tuple[torch.Tensor, torch.Tensor]:
        """Return mean (K, P, d) and root of the inverse covariance (K, P or 1, d, d)."""
        fitted = [self._solve_without(fold, kind) for fold in range(len(self.count))]
        return torch.stack([m for m, _ in fitted]), torch.stack([r for _, r in fitted])

    def _solve_without(self, fold: int, kind: Kind) -> tuple[torch.Tensor, torch.Tensor]:
        others = torch.arange(len(self.count)) != fold
        n = float(self.count[others].sum())
        mean = self.total[others].sum(0) / n
        covariance = self.outer[others].sum(0) / n - mean[:, :, None] * mean[:, None, :]
        shared = covariance.mean(0, keepdim=True)
        d = mean.shape[-1]
        own = {"layout": 0.0, "place": n / (n + d)}.get(kind, 1.0)
        covariance = shared if own == 0.0 else own * covariance + (1 - own) * shared
        ridge = RIDGE * torch.eye(d)
        return mean, torch.linalg.cholesky(torch.linalg.inv(covariance + ridge))
