"""The bank of Gaussian and mixture seeds: many distance maps of an image, comparable and joined.

A log distance says little by itself: near the border, on an edge of the product or in a busy corner
it is always large. So each map is taken from what is usual at its place, in units of its own
spread, both learned from the other folds' images. Two maps are made of those of the mixtures: their
plain mean, `mixture`, and a linear head over them, `mixture_fusion`, trained on drawn defects; with
one weight a map it cannot learn what the drawn defects look like, only which distances to believe.
The Swin reads the Gaussians' maps; without mixtures they are heard themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
FUSED = {"gaussian": "fusion", "mixture": "mixture_fusion"}  # kind of maps, and its head's name
LOGS = "logs"  # the name of log distances on disk while a ruler is made
SPREAD = {"gaussian": "spread", "mixture": "mixture_spread"}  # … and its mean's spread, stored


@dataclass(frozen=True)
class GaussianBank:
    """Seeds fitted and scored together; `fused` adds the heads on drawn defects."""

    seeds: tuple[GaussianSeed, ...] = GAUSSIANS
    fused: bool = True
    name: str = "gaussian"
    mixtures: tuple[MixtureSeed, ...] = ()

    def fit(self, material: Material, seed: int) -> FittedBank:
        """Fit all, and measure the material's images once for whoever needs their maps."""
        gaussians = Ruler.fit("gaussian", [kind.fit(material) for kind in self.seeds], material)
        rulers = [gaussians]
        if self.mixtures:
            mixtures = [kind.fit(material, seed) for kind in self.mixtures]
            rulers.append(Ruler.fit("mixture", mixtures, material))
        heard = rulers[-1]  # beside mixtures, Gaussians are the Swin's to read alone
        spread = {heard.kind: _spread_of_means(heard, material)}
        by_kind = {ruler.kind: ruler for ruler in rulers}
        if not self.fused:
            return FittedBank(by_kind, spread, {})
        for ruler in rulers:
            ruler.measure_all(material.drawn)
        heads = {heard.kind: fit_heads(material, heard.maps, FUSION, seed)}
        return FittedBank(by_kind, spread, heads)

    def restore(self, tensors: dict[str, np.ndarray]) -> FittedBank:
        measures = under("ruler.", tensors)
        stored = {key.split(".")[0] for key in measures}
        mixtures = [kind for kind in self.mixtures if kind.name in stored]
        known = {kind.name for kind in self.seeds} | {kind.name for kind in mixtures}
        if unknown := stored - known:
            raise KeyError(f"unknown seeds {', '.join(sorted(unknown))}")
        rulers = {"gaussian": Ruler.restore("gaussian", self.seeds, measures)}
        if mixtures:
            rulers["mixture"] = Ruler.restore("mixture", mixtures, measures)
        named = {key.split(".")[0] for key in tensors}
        heard = [k for k in rulers if k == list(rulers)[-1] or {SPREAD[k], FUSED[k]} & named]
        spread = {kind: torch.from_numpy(tensors[SPREAD[kind]]) for kind in heard}
        heads = {kind: under(f"{FUSED[kind]}.", tensors) for kind in heard}
        return FittedBank(
            rulers,
            spread,
            {kind: restore_heads(FUSION.build, own) for kind, own in heads.items() if own},
        )


@dataclass(frozen=True)
class Ruler:
    """Measures images by several Gaussians, or by several mixtures, on one scale."""

    kind: str
    fitted: Sequence[FittedGaussian | FittedMixture]
    usual: Sequence[torch.Tensor]  # of each, (F, h, w): a fold's mean log distance at a place
    spread: Sequence[torch.Tensor]  # of each, (F, 1, 1): standard deviation around it

    @classmethod
    def fit(
        cls, kind: str, fitted: Sequence[FittedGaussian | FittedMixture], material: Material
    ) -> Ruler:
        """Learn what is usual, and store the maps of the material's images beside their features.

        Distances are computed once, and lie on disk until it is known from what they are taken.
        """
        moments = [_PlaceMoments() for _ in fitted]
        views = material.views
        views.attach(LOGS, _log_distances(fitted, moments, material))
        usual, variance = zip(*(own.of_other_folds() for own in moments), strict=True)
        spread = [v.mean((1, 2), keepdim=True).sqrt().clamp_min(1e-3) for v in variance]
        ruler = cls(kind, fitted, usual, spread)
        views.attach(ruler.name, (ruler._from_logs(view).half() for view in views.chunks()))
        views.drop(LOGS)
        return ruler

    @classmethod
    def restore(
        cls,
        kind: str,
        seeds: Sequence[GaussianSeed | MixtureSeed],
        tensors: dict[str, np.ndarray],
    ) -> Ruler:
        parts = [under(f"{seed.name}.", tensors) for seed in seeds]
        return cls(
            kind,
            [seed.restore(part) for seed, part in zip(seeds, parts, strict=True)],
            [torch.from_numpy(part["usual"]) for part in parts],
            [torch.from_numpy(part["spread"]) for part in parts],
        )

    @property
    def name(self) -> str:
        """The name under which measured maps lie beside the features."""
        return f"distances-{self.kind}"

    def maps(self, view: Views) -> torch.Tensor:
        """Return the standardised maps on the finest grid, (B, h, w, M): those stored, or new."""
        return view.maps[self.name] if self.name in view.maps else self.measure(view)

    def measure(self, view: Views) -> torch.Tensor:
        """Return the standardised maps, rounded as they are stored."""
        return self._standardised([one.log_distances(view) for one in self.fitted], view)

    def _from_logs(self, view: Views) -> torch.Tensor:
        shapes = [usual.shape[1:] for usual in self.usual]
        logs = torch.split(view.maps[LOGS], [shape.numel() for shape in shapes], 1)
        return self._standardised(
            [flat.view(-1, *shape) for flat, shape in zip(logs, shapes, strict=True)], view
        )

    def _standardised(self, logs: Sequence[torch.Tensor], view: Views) -> torch.Tensor:
        own = view.folds
        parts = [
            on_finest_grid(((log - usual[own]) / spread[own])[..., None], view)
            for log, usual, spread in zip(logs, self.usual, self.spread, strict=True)
        ]
        return torch.cat(parts, 3).clamp_max(CAP).half().float()

    def measure_all(self, views: ViewFile) -> None:
        """Store every image's maps beside its features."""
        views.attach(self.name, (self.measure(view).half() for view in views.chunks()))

    def tensors(self) -> dict[str, np.ndarray]:
        out: dict[str, np.ndarray] = {}
        for g, usual, spread in zip(self.fitted, self.usual, self.spread, strict=True):
            own = {**g.tensors(), "usual": usual.cpu().numpy(), "spread": spread.cpu().numpy()}
            out |= {f"{g.seed.name}.{key}": value for key, value in own.items()}
        return out


@dataclass(frozen=True)
class FittedBank:
    """The fitted Gaussians and mixtures, and what makes opinions of the kinds that are heard."""

    rulers: Mapping[str, Ruler]  # by kind
    spread: Mapping[str, torch.Tensor]  # of the mean of a heard kind's maps, (F, h, w)
    heads: Mapping[str, Heads]  # of each heard kind, if any

    def maps(self, view: Views) -> dict[str, torch.Tensor]:
        maps = {}
        for kind, spread in self.spread.items():
            distances = self.rulers[kind].maps(view)
            maps[kind] = distances.mean(3) / spread[view.folds]
            if kind in self.heads:
                maps[FUSED[kind]] = self.heads[kind].logits(distances, view.folds)
        return maps

    def distances(self, view: Views) -> torch.Tensor:
        """Return the Gaussians' standardised log distances on the finest grid: (B, h, w, M)."""
        return self.rulers["gaussian"].maps(view)

    def measured(self, view: Views) -> Views:
        """Return the view with the maps of what is heard, so that nobody measures it again."""
        own = {self.rulers[kind].name: self.rulers[kind].maps(view) for kind in self.spread}
        return replace(view, maps={**view.maps, **own})

    def tensors(self) -> dict[str, np.ndarray]:
        rulers = self.rulers.values()
        return {
            **{SPREAD[kind]: spread.cpu().numpy() for kind, spread in self.spread.items()},
            **{f"ruler.{k}": v for ruler in rulers for k, v in ruler.tensors().items()},
            **{
                f"{FUSED[kind]}.{k}": v
                for kind, heads in self.heads.items()
                for k, v in heads.tensors().items()
            },
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
        count = (self._count.sum() - self._count)[:, None, None].clamp_min(1).to(total.device)
        mean = (total.sum(0) - total) / count
        return mean, ((square.sum(0) - square) / count - mean.square()).clamp_min(0.0)


def _log_distances(
    fitted: Sequence[FittedGaussian | FittedMixture],
    moments: Sequence[_PlaceMoments],
    material: Material,
) -> Iterator[torch.Tensor]:
    """Yield the log distances of a chunk's images, (B, all positions); kept ones make `moments`."""
    for view, keep in material.kept():
        logs = [one.log_distances(view) for one in fitted]
        for own, log in zip(moments, logs, strict=True):
            own.add(log[keep], view.folds[keep])
        yield torch.cat([log.flatten(1) for log in logs], 1)


def _spread_of_means(ruler: Ruler, material: Material) -> torch.Tensor:
    moments = _PlaceMoments()
    for view, keep in material.kept():
        moments.add(ruler.maps(view)[keep].mean(3), view.folds[keep])
    return _around(moments.of_other_folds()[1])


def _around(variance: torch.Tensor) -> torch.Tensor:
    """Return the spread (F, h, w) that the mean variance of each neighbourhood makes."""
    around = F.avg_pool2d(variance[:, None], AROUND, 1, AROUND // 2, count_include_pad=False)
    return around[:, 0].sqrt().clamp_min(1e-3)
