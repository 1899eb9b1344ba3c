"""Mixture seeds: how unlikely the features of a place are, by what its region usually shows.

One Gaussian takes every strong line of a surface for odd where most of it is plain. A mixture of
many, of full covariance, knows plain and line as two kinds of sound surface: the kinds are those of
the whole picture, how often each is seen differs from region to region. Fitted by
expectation-maximisation (Dempster, Laird and Rubin 1977, J. R. Stat. Soc. B 39, 1), started by
k-means. The score is -2 log likelihood, above the densest place that any fold's mixture has.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import torch
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from technopro.features.views import Views
from technopro.fold import FOLDS
from technopro.seeding.gaussian import Regions, averaged
from technopro.seeding.seed import Material

SAMPLE = 60_000  # positions that the components of a fold are fitted on
ENOUGH = 10  # positions a dimension for each component, on average
STEPS = 30  # of expectation-maximisation
RIDGE = 1e-2  # of a component's mean variance …
FLOOR = 1e-3  # … and of that of all positions: nothing is tighter
PRIOR = 10.0  # positions that a region is taken to have shown beforehand, as the whole does
CHUNK = 4096  # positions at once
PARTS = ("mean", "root", "volume", "weights")  # of `Components`, as they are stored
GOLDEN = 0.618_033_988_75  # its multiples, without the whole numbers, lie evenly


@dataclass(frozen=True)
class MixtureSeed:
    """Which features are described, averaged over which window, by at most how many components."""

    level: str
    window: int  # positions a side, odd
    components: int

    @property
    def name(self) -> str:
        return f"mixture-{self.level}-{self.window}-{self.components}"

    def fit(self, material: Material, seed: int) -> FittedMixture:
        """Return the seed fitted once a fold, each time on the kept images of the other folds."""
        samples = self._samples(material)
        count = max(1, min(self.components, *(len(x) // (ENOUGH * x.shape[1]) for x in samples)))
        parts = [fit_components(x, count, seed + fold) for fold, x in enumerate(samples)]
        densest = torch.stack([part.volume for part in parts]).min()
        parts = [replace(part, volume=part.volume - densest) for part in parts]
        seen = [PRIOR * part.weights.exp() for part in parts]
        return FittedMixture(self, tuple(parts), self._weights(material, parts, seen))

    def restore(self, tensors: dict[str, np.ndarray]) -> FittedMixture:
        *parts, regions = (torch.from_numpy(tensors[k]) for k in (*PARTS, "regions"))
        return FittedMixture(self, tuple(map(Components, *parts)), regions)

    def vectors(self, view: Views) -> torch.Tensor:
        """Return (B, h, w, d)."""
        return averaged(view.maps[self.level], self.window)

    def _samples(self, material: Material) -> list[torch.Tensor]:
        """Return the positions that each fold's components are fitted on, (N, d).

        They lie evenly over the other folds' kept images, in each image at other places.
        """
        folds = material.views.folds[torch.from_numpy(material.keep)]
        others = [int((folds != fold).sum()) for fold in range(FOLDS)]
        if not all(others):
            raise ValueError("expected an image in every fold to fit a seed on the others")
        out: list[torch.Tensor] = [torch.empty(0)] * FOLDS
        filled, met = [0] * FOLDS, [0] * FOLDS
        for view, keep in material.kept():
            for image, own in zip(self.vectors(view)[keep], view.folds[keep].tolist(), strict=True):
                flat = image.flatten(0, 1)
                for fold in range(FOLDS):
                    if fold == own:
                        continue
                    if not len(out[fold]):
                        out[fold] = torch.empty(SAMPLE, flat.shape[1])
                    before, met[fold] = met[fold], met[fold] + 1
                    due = met[fold] * SAMPLE // others[fold] - before * SAMPLE // others[fold]
                    take = min(due, len(flat))
                    at = (torch.arange(take) + before * GOLDEN % 1) * (len(flat) / max(1, take))
                    out[fold][filled[fold] : filled[fold] + take] = flat[at.long()]
                    filled[fold] += take
        return [rows[:count].clone() for rows, count in zip(out, filled, strict=True)]

    def _weights(
        self, material: Material, parts: list[Components], prior: list[torch.Tensor]
    ) -> torch.Tensor:
        """Return how often each region shows which component, (F, R, K), as logarithms."""
        seen: torch.Tensor | None = None
        for view, keep in material.kept():
            x = self.vectors(view)
            regions = Regions.of(x.shape[1:3], "place")
            if seen is None:
                seen = torch.stack([own.expand(len(regions.sizes), -1) for own in prior]).clone()
            for fold, part in enumerate(parts):
                own = keep & (view.folds != fold)
                for region, some in enumerate(regions.sort(x[own])):
                    seen[fold, region] += part.belonging(some.flatten(0, 1)).sum(0)
        assert seen is not None  # noqa: S101 - there was a view to sample
        return (seen / seen.sum(2, keepdim=True)).log()


@dataclass(frozen=True)
class Components:
    """The Gaussians of a mixture."""

    mean: torch.Tensor  # (K, d)
    root: torch.Tensor  # (K, d, d): inverse covariance = root @ root.T
    volume: torch.Tensor  # (K,): log determinant of the covariance, above one constant for all
    weights: torch.Tensor  # (K,): of the whole picture, logarithms

    def distances(self, x: torch.Tensor) -> torch.Tensor:
        """Return -2 log density of (N, d) vectors, up to a constant: (N, K)."""
        count, d = self.mean.shape
        side_by_side = self.root.permute(1, 0, 2).reshape(d, count * d)
        shift = torch.einsum("kd,kde->ke", self.mean, self.root).flatten()
        out = torch.empty(len(x), count)
        for done in range(0, len(x), CHUNK):
            part = slice(done, done + CHUNK)
            whitened = (x[part] @ side_by_side - shift).view(-1, count, d)
            out[part] = whitened.square_().sum(2)
        return out + self.volume

    def belonging(self, x: torch.Tensor) -> torch.Tensor:
        """Return how likely each of (N, d) vectors is of which component, (N, K)."""
        return (self.weights - 0.5 * self.distances(x)).softmax(1)


def fit_components(x: torch.Tensor, count: int, seed: int) -> Components:
    """Fit a mixture of `count` full covariances to (N, d) vectors."""
    start = KMeans(count, n_init=1, max_iter=20, random_state=seed)
    with warnings.catch_warnings(), threadpool_limits(1):  # threads would add in any order
        warnings.simplefilter("ignore", ConvergenceWarning)  # a blank surface is all one place
        kind = start.fit_predict(x.numpy())
    components = _likeliest(x, torch.split(torch.eye(count)[torch.from_numpy(kind).long()], CHUNK))
    for _ in range(STEPS - 1):
        components = _likeliest(x, map(components.belonging, torch.split(x, CHUNK)))
    return components


def _likeliest(x: torch.Tensor, belonging: Iterable[torch.Tensor]) -> Components:
    """Return the components of greatest likelihood, given which vectors belong to which.

    `belonging` are (CHUNK, K) each, in the order of the (N, d) vectors.
    """
    d = x.shape[1]
    n, total, outer = (torch.zeros((), dtype=torch.float64) for _ in range(3))
    for some, share in zip(torch.split(x, CHUNK), belonging, strict=True):
        n = n + share.sum(0)
        total = total + share.T @ some
        outer = outer + share.T @ (some[:, :, None] * some[:, None, :]).flatten(1)
    everywhere = x.var(0, correction=0).mean().clamp_min(1e-6)
    held = n.clamp_min(1e-3)
    mean = total / held[:, None]
    covariance = (outer / held[:, None]).view(-1, d, d) - mean[:, :, None] * mean[:, None, :]
    own = covariance.diagonal(dim1=1, dim2=2).mean(1).clamp_min(0.0)
    ridge = RIDGE * own + FLOOR * everywhere
    eye = torch.eye(d, dtype=torch.float64)
    lower = torch.linalg.cholesky(covariance + ridge[:, None, None] * eye)
    root = torch.linalg.solve_triangular(lower, eye.expand_as(lower), upper=False).mT
    volume = 2 * lower.diagonal(dim1=1, dim2=2).log().sum(1)
    weights = (held / held.sum()).log()
    return Components(*(part.float().contiguous() for part in (mean, root, volume, weights)))


@dataclass(frozen=True)
class FittedMixture:
    """The components of every fold, and how often each region shows which."""

    seed: MixtureSeed
    parts: tuple[Components, ...]  # one a fold
    regions: torch.Tensor  # (F, R, K): weights, logarithms

    def log_distances(self, view: Views) -> torch.Tensor:
        """Log of -2 log likelihood of every position, up to a constant of it: (B, h, w)."""
        x = self.seed.vectors(view)
        region = Regions.of(x.shape[1:3], "place").numbers()
        out = torch.empty(x.shape[:3])
        for image, fold in enumerate(view.folds.tolist()):
            each = self.parts[fold].distances(x[image].flatten(0, 1))
            likelihood = (self.regions[fold][region] - 0.5 * each).logsumexp(1)
            out[image] = -2.0 * likelihood.view(out.shape[1:])
        return out.clamp_min(1e-6).log()

    def tensors(self) -> dict[str, np.ndarray]:
        """Return the arrays from which the seed can be restored."""
        parts = {
            name: torch.stack([getattr(part, name) for part in self.parts]).numpy()
            for name in PARTS
        }
        return {**parts, "regions": self.regions.numpy()}
