"""The bank of Gaussian and mixture seeds: many distance maps of an image, comparable and joined.

A log distance says little by itself: near the border, on an edge of the product or in a busy corner
it is always large. So each map is taken from what is usual at its place, in units of its own
spread, both learned from the other folds' images. Mixtures see more than single Gaussians, so where
there are some they alone are heard: by their plain mean, `mixture`, and by `fusion`, a linear head
trained on drawn defects; with one weight a map it cannot learn what the drawn defects look like,
only which distances to believe. Without mixtures both rest on the Gaussians.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from technopro.features.scratch import ViewFile
from technopro.features.views import Views
from technopro.fold import FOLDS
from technopro.seeding.gaussian import FittedGaussian, GaussianSeed
from technopro.seeding.head import HeadPlan, Heads, fit_heads, restore_heads
from technopro.seeding.mixture import FittedMixture, MixtureSeed
from technopro.seeding.seed import Material, on_finest_grid, under

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
MAPS = len(GAUSSIANS)
FUSION = HeadPlan(lambda width: nn.Linear(width, 1), steps=400, batch=4096, learning_rate=1e-2)
CAP = 12.0  # spreads; a lone freak position does not drown the rest
AROUND = 5  # positions a side over which the spread of the mean is taken
DISTANCES = "distances"  # the name under which measured maps lie beside the features


@dataclass(frozen=True)
class GaussianBank:
    """Seeds fitted and scored together; `fused` adds the head on drawn defects."""

    seeds: tuple[GaussianSeed, ...] = GAUSSIANS
    fused: bool = True
    name: str = "gaussian"
    mixtures: tuple[MixtureSeed, ...] = ()

    def fit(self, material: Material, seed: int) -> FittedBank:
        """Fit all, and measure the material's images once for whoever needs their maps."""
        fitted: list[FittedGaussian | FittedMixture] = [
            *(kind.fit(material) for kind in self.seeds),
            *(kind.fit(material, seed) for kind in self.mixtures),
        ]
        ruler = Ruler.fit(fitted, material)
        _measure(ruler, material.views)
        spread = _spread_of_mean(ruler, material)
        if not self.fused:
            return FittedBank(ruler, spread, None)
        _measure(ruler, material.drawn)
        heads = fit_heads(material, lambda view: ruler.heard(ruler.maps(view)), FUSION, seed)
        return FittedBank(ruler, spread, heads)

    def restore(self, tensors: dict[str, np.ndarray]) -> FittedBank:
        heads, ruler = under("fusion.", tensors), under("ruler.", tensors)
        stored = {key.split(".")[0] for key in ruler}
        mixtures = [kind for kind in self.mixtures if kind.name in stored]
        seeds: list[GaussianSeed | MixtureSeed] = [*self.seeds, *mixtures]
        if unknown := stored - {kind.name for kind in seeds}:
            raise KeyError(f"unknown seeds {', '.join(sorted(unknown))}")
        return FittedBank(
            Ruler.restore(seeds, ruler),
            torch.from_numpy(tensors["spread"]),
            restore_heads(FUSION.build, heads) if heads else None,
        )


@dataclass(frozen=True)
class Ruler:
    """Measures images by several Gaussians and mixtures on one scale."""

    fitted: Sequence[FittedGaussian | FittedMixture]  # the Gaussians first
    usual: Sequence[torch.Tensor]  # of each, (F, h, w): a fold's mean log distance at a place
    spread: Sequence[torch.Tensor]  # of each, (F, 1, 1): standard deviation around it

    @classmethod
    def fit(cls, fitted: Sequence[FittedGaussian | FittedMixture], material: Material) -> Ruler:
        moments = [_PlaceMoments() for _ in fitted]
        for view, keep in material.kept():
            for own, one in zip(moments, fitted, strict=True):
                own.add(one.log_distances(view)[keep], view.folds[keep])
        usual, variance = zip(*(own.of_other_folds() for own in moments), strict=True)
        spread = [v.mean((1, 2), keepdim=True).sqrt().clamp_min(1e-3) for v in variance]
        return cls(fitted, usual, spread)

    @classmethod
    def restore(
        cls, seeds: Sequence[GaussianSeed | MixtureSeed], tensors: dict[str, np.ndarray]
    ) -> Ruler:
        parts = [under(f"{seed.name}.", tensors) for seed in seeds]
        return cls(
            [seed.restore(part) for seed, part in zip(seeds, parts, strict=True)],
            [torch.from_numpy(part["usual"]) for part in parts],
            [torch.from_numpy(part["spread"]) for part in parts],
        )

    @property
    def first_heard(self) -> int:
        """The number of the first map that is heard: of the first mixture, if any."""
        mixtures = sum(isinstance(one, FittedMixture) for one in self.fitted)
        return len(self.fitted) - mixtures if mixtures else 0

    def heard(self, maps: torch.Tensor) -> torch.Tensor:
        """Return of (B, h, w, M) maps those that opinions rest on."""
        return maps[..., self.first_heard :]

    def maps(self, view: Views) -> torch.Tensor:
        """Return the standardised maps on the finest grid, (B, h, w, M): those stored, or new."""
        return view.maps[DISTANCES] if DISTANCES in view.maps else self.measure(view)

    def measure(self, view: Views) -> torch.Tensor:
        """Return the standardised maps, rounded as they are stored."""
        own = view.folds
        parts = [
            on_finest_grid(((g.log_distances(view) - usual[own]) / spread[own])[..., None], view)
            for g, usual, spread in zip(self.fitted, self.usual, self.spread, strict=True)
        ]
        return torch.cat(parts, 3).clamp_max(CAP).half().float()

    def tensors(self) -> dict[str, np.ndarray]:
        out: dict[str, np.ndarray] = {}
        for g, usual, spread in zip(self.fitted, self.usual, self.spread, strict=True):
            own = {**g.tensors(), "usual": usual.numpy(), "spread": spread.numpy()}
            out |= {f"{g.seed.name}.{key}": value for key, value in own.items()}
        return out


@dataclass(frozen=True)
class FittedBank:
    """The fitted Gaussians and mixtures, and their head, if any."""

    ruler: Ruler
    spread: torch.Tensor  # (F, h, w), of the mean of the maps that are heard
    heads: Heads | None

    @property
    def opinion(self) -> str:
        """What the plain mean is called."""
        return "mixture" if isinstance(self.ruler.fitted[-1], FittedMixture) else "gaussian"

    def maps(self, view: Views) -> dict[str, torch.Tensor]:
        heard = self.ruler.heard(self.distances(view))
        maps = {self.opinion: heard.mean(3) / self.spread[view.folds]}
        if self.heads is not None:
            maps["fusion"] = self.heads.logits(heard, view.folds)
        return maps

    def distances(self, view: Views) -> torch.Tensor:
        """Return the standardised log distances on the finest grid: (B, h, w, M)."""
        return self.ruler.maps(view)

    def measured(self, view: Views) -> Views:
        """Return the view with its distance maps, so that nobody measures it again."""
        return replace(view, maps={**view.maps, DISTANCES: self.distances(view)})

    def tensors(self) -> dict[str, np.ndarray]:
        heads = {} if self.heads is None else self.heads.tensors()
        return {
            "spread": self.spread.numpy(),
            **{f"ruler.{k}": v for k, v in self.ruler.tensors().items()},
            **{f"fusion.{k}": v for k, v in heads.items()},
        }


class _PlaceMoments:
    """Mean and variance at each position of a stream of maps, by fold."""

    def __init__(self) -> None:
        self._count = torch.zeros(FOLDS)
        self._total = [torch.zeros(())] * FOLDS
        self._square = [torch.zeros(())] * FOLDS

    def add(self, maps: torch.Tensor, folds: torch.Tensor) -> None:
        """Add (B, h, w) maps of images in the given folds."""
        for fold in range(FOLDS):
            own = maps[folds == fold]
            self._count[fold] += len(own)
            self._total[fold] = self._total[fold] + own.sum(0)
            self._square[fold] = self._square[fold] + own.square().sum(0)

    def of_other_folds(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return (F, h, w) mean and variance, for each fold those of all others' images."""
        total, square = torch.stack(self._total), torch.stack(self._square)
        count = (self._count.sum() - self._count)[:, None, None].clamp_min(1)
        mean = (total.sum(0) - total) / count
        return mean, ((square.sum(0) - square) / count - mean.square()).clamp_min(0.0)


def _measure(ruler: Ruler, views: ViewFile) -> None:
    """Store every image's maps beside its features."""
    views.attach(DISTANCES, (ruler.measure(view) for view in views.chunks()))


def _spread_of_mean(ruler: Ruler, material: Material) -> torch.Tensor:
    moments = _PlaceMoments()
    for view, keep in material.kept():
        moments.add(ruler.heard(ruler.maps(view)[keep]).mean(3), view.folds[keep])
    return _around(moments.of_other_folds()[1])


def _around(variance: torch.Tensor) -> torch.Tensor:
    """Return the spread (F, h, w) that the mean variance of each neighbourhood makes."""
    around = F.avg_pool2d(variance[:, None], AROUND, 1, AROUND // 2, count_include_pad=False)
    return around[:, 0].sqrt().clamp_min(1e-3)
