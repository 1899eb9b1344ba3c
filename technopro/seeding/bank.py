"""The bank of Gaussian seeds, and the fusion of their distance maps.

Each Gaussian is a seed of its own. `fusion` is one more: a linear head on the standardised log
distances of all of them at one position, trained on drawn defects. With one weight a map it
cannot learn what the drawn defects look like, only which distances to believe.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from technopro.features.views import Views
from technopro.seeding.gaussian import FittedGaussian, GaussianSeed
from technopro.seeding.head import HeadPlan, Heads, fit_heads, restore_heads
from technopro.seeding.seed import Material, on_finest_grid, under, worst_positions

WINDOWS = {"s4": (3, 5), "s8": (1, 3, 5), "s16": (1, 3), "s32": (1,)}  # positions a side
GAUSSIANS = (
    GaussianSeed("pooled"),
    *(
        GaussianSeed(kind, level, window)
        for kind in ("patch", "place")
        for level, windows in WINDOWS.items()
        for window in windows
    ),
)
MAPS = sum(1 for g in GAUSSIANS if g.level)  # those that have a value a position
FUSION = HeadPlan(lambda width: nn.Linear(width, 1), steps=400, batch=4096, learning_rate=1e-2)
CAP = 12.0  # spreads; a lone freak position does not drown the rest


@dataclass(frozen=True)
class GaussianBank:
    """Several Gaussian seeds, fitted and scored together."""

    seeds: tuple[GaussianSeed, ...]
    fused: bool = True
    name: str = "gaussian"

    def fit(self, material: Material, seed: int) -> FittedBank:
        fitted = tuple(kind.fit(material) for kind in self.seeds)
        if not self.fused:
            return FittedBank(fitted, None)
        maps = _Standard.fit([f for f in fitted if f.seed.level], material)
        return FittedBank(fitted, Fusion(maps, fit_heads(material, maps.vectors, FUSION, seed)))

    def restore(self, tensors: dict[str, np.ndarray]) -> FittedBank:
        fitted = tuple(k.restore(under(f"{k.name}.", tensors)) for k in self.seeds)
        own = under("fusion.", tensors)
        if not own:
            return FittedBank(fitted, None)
        middle, spread = (torch.from_numpy(own.pop(key)) for key in ("middle", "spread"))
        maps = _Standard([f for f in fitted if f.seed.level], middle, spread)
        return FittedBank(fitted, Fusion(maps, restore_heads(FUSION.build, own)))


@dataclass(frozen=True)
class _Standard:
    """Log distance maps, each centred on its median and scaled by its quartiles."""

    gaussians: Sequence[FittedGaussian]
    middle: torch.Tensor  # (M,)
    spread: torch.Tensor

    @classmethod
    def fit(cls, gaussians: Sequence[FittedGaussian], material: Material) -> _Standard:
        view = next(material.views.chunks())
        levels = torch.tensor([0.25, 0.5, 0.75])
        quartiles = torch.stack(
            [torch.quantile(g.log_distances(view).flatten(), levels) for g in gaussians]
        )
        spread = (quartiles[:, 2] - quartiles[:, 0]).clamp_min(1e-3)
        return cls(gaussians, quartiles[:, 1], spread)

    def vectors(self, view: Views) -> torch.Tensor:
        """Return (B, h, w, M) on the finest grid."""
        return self.standardise([g.log_distances(view) for g in self.gaussians], view)

    def standardise(self, maps: Sequence[torch.Tensor], view: Views) -> torch.Tensor:
        joined = torch.cat([on_finest_grid(m[..., None], view) for m in maps], 3)
        return ((joined - self.middle) / self.spread).clamp_max(CAP)


@dataclass(frozen=True)
class Fusion:
    """The linear heads over the standardised maps."""

    maps: _Standard
    heads: Heads

    def tensors(self) -> dict[str, np.ndarray]:
        scale = {"middle": self.maps.middle.numpy(), "spread": self.maps.spread.numpy()}
        return {**scale, **self.heads.tensors()}


@dataclass(frozen=True)
class FittedBank:
    """The fitted Gaussians and their fusion, if any."""

    gaussians: tuple[FittedGaussian, ...]
    fusion: Fusion | None

    def scores(self, view: Views) -> dict[str, np.ndarray]:
        """Return each Gaussian's score, and the fusion's; every map is computed once."""
        maps = {g.seed.name: g.log_distances(view) for g in self.gaussians}
        scores = {name: worst_positions(m).numpy() for name, m in maps.items()}
        if self.fusion is not None:
            local = [maps[g.seed.name] for g in self.fusion.maps.gaussians]
            vectors = self.fusion.maps.standardise(local, view)
            scores["fusion"] = self.fusion.heads.score(vectors, view.folds)
        return scores

    def maps(self, view: Views) -> torch.Tensor:
        """Return the standardised log distances on the finest grid: (B, h, w, M)."""
        assert self.fusion is not None  # noqa: S101
        return self.fusion.maps.vectors(view)

    def tensors(self) -> dict[str, np.ndarray]:
        own = {f"{g.seed.name}.{k}": v for g in self.gaussians for k, v in g.tensors().items()}
        fusion = {} if self.fusion is None else self.fusion.tensors()
        return {**own, **{f"fusion.{k}": v for k, v in fusion.items()}}
