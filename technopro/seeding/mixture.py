"""Mixture seeds: how unlikely the features of a place are, by what its region usually shows.

One Gaussian takes every strong line of a surface for odd where most of it is plain. A mixture of
many, of full covariance, knows plain and line as two kinds of sound surface: the kinds are those of
the whole picture, how often each is seen differs from region to region. Fitted by
expectation-maximisation (Dempster, Laird and Rubin 1977, J. R. Stat. Soc. B 39, 1), started by
k-means. The score is -2 log likelihood, above the densest place that any fold's mixture has.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from technopro.features.views import Views
from technopro.fold import FOLDS
from technopro.seeding.gaussian import Regions, averaged
from technopro.seeding.pile import Pile
from technopro.seeding.seed import Material

SAMPLE = 30_000  # positions that the components of a fold are fitted on
ENOUGH = 10  # positions a dimension for each component, on average
STEPS = 10  # of expectation-maximisation
RIDGE = 1e-2  # of a component's mean variance …
FLOOR = 1e-3  # … and of that of all positions: nothing is tighter
PRIOR = 10.0  # positions that a region is taken to have shown beforehand, as the whole does
CHUNK = 1024  # positions at once, that they fit into a cache
PASSED_OVER = 1e-4  # of a position: belongs to a component by less
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
        most = min(len(sample.x) // (ENOUGH * sample.x.shape[1]) for sample in samples)
        count = max(1, min(self.components, most))
        parts = [fit_components(s.x, count, seed + fold) for fold, s in enumerate(samples)]
        densest = torch.stack([part.volume for part in parts]).min()
        parts = [replace(part, volume=part.volume - densest) for part in parts]
        shown = [s.shown(part) for s, part in zip(samples, parts, strict=True)]
        return FittedMixture(self, tuple(parts), torch.stack(shown))

    def restore(self, tensors: dict[str, np.ndarray]) -> FittedMixture:
        *parts, regions = (torch.from_numpy(tensors[k]) for k in (*PARTS, "regions"))
        return FittedMixture(self, tuple(map(Components, *parts)), regions)

    def vectors(self, view: Views) -> torch.Tensor:
        """Return (B, h, w, d)."""
        return averaged(view.maps[self.level], self.window)

    def _samples(self, material: Material) -> list[_Sample]:
        """Return what each fold's components are fitted on: the other folds' kept images."""
        folds = material.views.folds[torch.from_numpy(material.keep)]
        others = [int((folds != fold).sum()) for fold in range(FOLDS)]
        if not all(others):
            raise ValueError("expected an image in every fold to fit a seed on the others")
        samples = [_Sample(images) for images in others]
        for view, keep in material.kept():
            x = self.vectors(view)
            regions = Regions.of(x.shape[1:3], "place")
            for image, own in zip(x[keep], view.folds[keep].tolist(), strict=True):
                for sample in samples[:own] + samples[own + 1 :]:
                    sample.add(image.flatten(0, 1), regions)
        return samples


class _Sample:
    """Positions that lie evenly over some images, in each image at other places."""

    def __init__(self, images: int) -> None:
        self._images, self._met, self._regions = images, 0, 1
        self._x, self._region = Pile(), Pile()

    @property
    def x(self) -> torch.Tensor:  # (N, d)
        return self._x.vectors

    def add(self, image: torch.Tensor, regions: Regions) -> None:
        """Take some positions of the next image, (h·w, d)."""
        start, stop = ((self._met + i) * SAMPLE // self._images for i in range(2))
        self._met, self._regions = self._met + 1, len(regions.sizes)
        take = min(stop - start, len(image))
        at = (torch.arange(take) + start * GOLDEN % 1) * (len(image) / max(1, take))
        self._x.add(image[at.long()])
        self._region.add(regions.number[at.long(), None])

    def shown(self, part: Components) -> torch.Tensor:
        """Return how often each region shows which component, (R, K), as logarithms."""
        seen = (PRIOR * part.weights.exp()).repeat(self._regions, 1)
        region = self._region.vectors[:, 0].to(seen.device)
        seen.index_add_(0, region, part.belonging(self.x))
        return (seen / seen.sum(1, keepdim=True)).log()


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
        out, room = x.new_empty(len(x), count), x.new_empty(min(CHUNK, len(x)), count * d)
        for some, distances in zip(*(torch.split(a, CHUNK) for a in (x, out)), strict=True):
            whitened = torch.addmm(shift, some, side_by_side, beta=-1, out=room[: len(some)])
            torch.sum(whitened.square_().view(-1, count, d), 2, out=distances)
        return out + self.volume

    def belonging(self, x: torch.Tensor) -> torch.Tensor:
        """Return how likely each of (N, d) vectors is of which component, (N, K)."""
        return (self.weights - 0.5 * self.distances(x)).softmax(1)


def fit_components(x: torch.Tensor, count: int, seed: int) -> Components:
    """Fit a mixture of `count` full covariances to (N, d) vectors."""
    from sklearn.cluster import KMeans  # more than a second to import, and only fits need it
    from sklearn.exceptions import ConvergenceWarning

    start = KMeans(count, n_init=1, max_iter=20, random_state=seed)
    with warnings.catch_warnings(), threadpool_limits(1):  # threads would add in any order
        warnings.simplefilter("ignore", ConvergenceWarning)  # a blank surface is all one place
        kind = start.fit_predict(x.cpu().numpy())
    first = torch.eye(count)[torch.from_numpy(kind).long()]
    floor = FLOOR * float(x.var(0, correction=0).mean().clamp_min(1e-6))
    components = _likeliest(x, first.to(x.device), floor)
    for _ in range(STEPS - 1):
        components = _likeliest(x, components.belonging(x), floor)
    return components


def _likeliest(x: torch.Tensor, belonging: torch.Tensor, floor: float) -> Components:
    """Return the components of greatest likelihood, given how (N, d) vectors belong to which.

    What hardly belongs to a component, by (N, K) shares, is passed over (Neal and Hinton 1998). No
    variance is below `floor`.
    """
    d = x.shape[1]
    held, mean, covariance = [], [], []
    for share in belonging.T:
        own = (share > PASSED_OVER).nonzero()[:, 0]
        some, weight = x[own], share[own, None]
        held.append(weight.sum().clamp_min(1e-3))
        mean.append((weight * some).sum(0) / held[-1])
        apart = some - mean[-1]
        outer = (apart * weight).T @ apart / held[-1]
        ridge = RIDGE * outer.diagonal().mean() + floor
        covariance.append(outer + ridge * torch.eye(d, device=x.device))
    lower = torch.linalg.cholesky(torch.stack(covariance).double())
    eye = torch.eye(d, dtype=lower.dtype, device=x.device).expand_as(lower)
    root = torch.linalg.solve_triangular(lower, eye, upper=False).mT.float().contiguous()
    volume = 2 * lower.diagonal(dim1=1, dim2=2).log().sum(1).float()
    shares = torch.stack(held)
    return Components(torch.stack(mean), root, volume, (shares / shares.sum()).log())


@dataclass(frozen=True)
class FittedMixture:
    """The components of every fold, and how often each region shows which."""

    seed: MixtureSeed
    parts: tuple[Components, ...]  # one a fold
    regions: torch.Tensor  # (F, R, K): weights, logarithms

    def log_distances(self, view: Views) -> torch.Tensor:
        """Log of -2 log likelihood of every position, up to a constant of it: (B, h, w)."""
        x = self.seed.vectors(view)
        region = Regions.of(x.shape[1:3], "place").number
        out = x.new_empty(x.shape[:3])
        for image, fold in enumerate(view.folds.tolist()):
            each = self.parts[fold].distances(x[image].flatten(0, 1))
            likelihood = (self.regions[fold][region] - 0.5 * each).logsumexp(1)
            out[image] = -2.0 * likelihood.view(out.shape[1:])
        return out.clamp_min(1e-6).log()

    def tensors(self) -> dict[str, np.ndarray]:
        """Return the arrays from which the seed can be restored."""
        parts = {
            name: torch.stack([getattr(part, name) for part in self.parts]).cpu().numpy()
            for name in PARTS
        }
        return {**parts, "regions": self.regions.cpu().numpy()}
