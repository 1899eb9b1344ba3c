"""Two yardsticks for one night's evidence, and what both agree on.

How heavy the tail of sound images is decides everything, and it can be learned in two ways: from
the shape of the bulk, or from the better halves of the same images (see `better_half`), which score
what the images would without a defect. Each can be wrong: the shape where the bulk is not of its
family, the halves where a pattern has odd places of its own. So a defect must be one by both, and
on nearly all nights resampled from it: what rests on a handful of images is not certain. And where
it is not proven that the night holds any, no more images are called one than chance could hide.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import special

from technopro.decision.mixture import MOST, Mixture, Sample, fit_mixture, refit
from technopro.decision.threads import on_one_thread
from technopro.results import Estimate

RESAMPLED = 40
DOUBT = 0.05  # share of resampled nights that may disagree: the lower end of the interval
DOUBTED = 0.45  # factor on a probability that not both yardsticks give
LONE = int(np.log(RESAMPLED))  # images that one resampled night in so many misses by chance
NOTHING = np.zeros(0)


@dataclass(frozen=True)
class Judge:
    """The mixture by each yardstick."""

    mixtures: tuple[Mixture, ...]
    like_drawn: Mixture  # what a defect would look like where none was found

    @property
    def shares(self) -> list[float]:
        """Share of defects by each yardstick, 0 to 0.5."""
        return [mixture.share for mixture in self.mixtures]

    @property
    def share(self) -> float:
        """Share of what is a defect by both."""
        return min(self.shares)

    def log_odds(self, grid: np.ndarray) -> np.ndarray:
        """Return the log odds of a defect by each yardstick, never falling: (yardsticks, grid)."""
        return np.stack([_rising(_log_odds(m, self.like_drawn, grid)) for m in self.mixtures])


@dataclass(frozen=True)
class Jury:
    """A judge of the whole night and judges of resampled nights."""

    judge: Judge
    others: tuple[Judge, ...]
    evidence: np.ndarray  # (N,) of the whole night
    nights: tuple[np.ndarray, ...]  # the evidence that each of the others saw
    proven: bool  # that there are defects, by both yardsticks, on nearly all resampled nights

    @property
    def share(self) -> Estimate:
        """Share of defects with its 90 % interval, which holds what either yardstick says.

        Where no defect is proven, it holds 0; and always the share of which so few images may show
        nothing by chance, since what was not met cannot be resampled.
        """
        shares = np.array([judge.shares for judge in self.others])
        low, high = np.quantile(shares.min(1), 0.05), np.quantile(shares.max(1), 0.95)
        low = low if self.proven else 0.0
        best = self.judge.share
        high = max(high, best, unseen(len(self.evidence)))
        return Estimate(best, float(min(low, best)), float(high))

    def probability(self, grid: np.ndarray) -> np.ndarray:
        """Return the probability of a defect at rising evidence.

        It is the mean by the better-informed yardstick; at least a half where both agree on
        nearly all nights, less than half of that elsewhere.
        """
        curves = np.stack([judge.log_odds(grid) for judge in self.others])
        agreed = np.quantile(curves.min(1), DOUBT, axis=0) > 0
        agreed[1:] &= grid[:-1] > self._never_agreed()  # what lies between is interpolated
        mean = special.expit(curves[:, -1]).mean(0)
        return np.asarray(np.where(agreed, np.maximum(mean, 0.5), DOUBTED * mean))

    def _never_agreed(self) -> float:
        """Return the evidence up to which nothing is a defect.

        Where a resampled night proves no defect, the night may hold none, or so few that they were
        missing from it by chance; no more than those few are called one.
        """
        if self.proven or len(self.evidence) <= LONE:
            return -np.inf
        return float(np.sort(self.evidence)[-LONE - 1])


def unseen(images: int) -> float:
    """Return the share of defects, 0 to 0.5, that shows in so many images but for one time in 20.

    The upper end of an exact interval where none was found (Clopper and Pearson 1934, Biometrika
    26:404).
    """
    return min(MOST, 1.0 - math.pow(DOUBT, 1 / images))


@on_one_thread
def agreed_share(sample: Sample) -> float:
    """Return the share, 0 to 0.5, of what is a defect by both yardsticks."""
    return min(fit_mixture(one).share for one in _yardsticks(sample))


@on_one_thread
def convene(sample: Sample, drawn: np.ndarray, seed: int) -> Jury:
    """Fit the jury; `drawn` is the evidence of images with a drawn defect."""
    like = _like(drawn, len(sample.evidence))
    yardsticks = _yardsticks(sample)
    fitted = [fit_mixture(one) for one in yardsticks]
    again = list(_resampled(yardsticks, seed))
    found = [[refit(m, s) for m, s in zip(fitted, samples, strict=True)] for samples in again]
    others = tuple(Judge(tuple(mixture for mixture, _ in night), like) for night in found)
    proven = np.mean([all(proof for _, proof in night) for night in found]) >= 1 - DOUBT
    nights = tuple(samples[0].evidence for samples in again)
    return Jury(Judge(tuple(fitted), like), others, sample.evidence, nights, bool(proven))


def _yardsticks(sample: Sample) -> list[Sample]:
    alone = Sample(sample.evidence, NOTHING)
    return [alone, sample] if len(sample.usual) else [alone]


def _resampled(samples: list[Sample], seed: int) -> Iterator[list[Sample]]:
    rng = np.random.default_rng([seed, 3])
    for _ in range(RESAMPLED):
        evidence, usual = (_again(values, rng) for values in vars(samples[-1]).values())
        yield [Sample(evidence, usual if len(sample.usual) else NOTHING) for sample in samples]


def _again(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return values[rng.integers(len(values), size=len(values))] if len(values) else values


def _like(drawn: np.ndarray, images: int) -> Mixture:
    centre, spread = (float(np.mean(drawn)), float(np.std(drawn))) if len(drawn) else (6.0, 3.0)
    return Mixture("gumbel", 0.0, 1.0, 0.0, 0.5 / images, centre, max(spread, 1.0))


def _log_odds(mixture: Mixture, like_drawn: Mixture, t: np.ndarray) -> np.ndarray:
    """Log odds of a defect like those found tonight, or like those drawn."""
    kinds = [mixture, like_drawn] if mixture.share > 0 else [like_drawn]
    defects = np.logaddexp.reduce([np.log(kind.share) + kind.log_defects(t) for kind in kinds])
    sound = np.log1p(-sum(kind.share for kind in kinds)) + mixture.log_bulk(t)
    return np.asarray(defects - sound)


def _rising(log_odds: np.ndarray) -> np.ndarray:
    """Make the curve never fall.

    To the left of its lowest point a wide defect density overtakes the bulk again, and to the right
    of its highest the bulk's tail the defects'; but an image less odd than all others is not a
    defect, and one odder than all others is.
    """
    lowest = int(np.argmin(log_odds[: int(np.argmax(log_odds)) + 1]))
    curve = log_odds.copy()
    curve[:lowest] = curve[lowest]
    return np.asarray(np.maximum.accumulate(curve))
