"""From evidence to a score that means the same on every pattern, and to the defect share.

The score is the probability of being defective given the fitted mixture, made monotone in the
evidence and kept from saturating, so that the order of images is never lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from technopro.decision.mixture import MOST, Mixture, fit_mixture, refit
from technopro.results import Estimate
from technopro.seeding.combine import detects

BOOTSTRAPS = 40
FEWEST = 12  # images below which a share is not estimated
GRID = 257
SURE = 6.0  # log odds beyond which the score approaches 0 or 1 ever more slowly
LEAST_SLOPE = 0.02  # log odds per unit of evidence
SEES = 0.65  # ROC-AUC on drawn defects below which a pattern is not separable
INTERVAL = (0.05, 0.95)


@dataclass(frozen=True)
class Calibration:
    """A monotone curve from evidence to log odds, and what was estimated with it."""

    evidence: tuple[float, ...]  # grid
    log_odds: tuple[float, ...]  # strictly rising
    share: Estimate
    quality: Estimate
    separable: bool

    def __call__(self, evidence: np.ndarray) -> np.ndarray:
        """Return scores, 0 to 1."""
        x, y = np.asarray(self.evidence), np.asarray(self.log_odds)
        odds = np.interp(evidence, x, y)
        odds += LEAST_SLOPE * (np.maximum(evidence - x[-1], 0) + np.minimum(evidence - x[0], 0))
        return np.asarray(special.expit(_squash(odds)))

    @classmethod
    def restore(cls, recipe: Mapping[str, Any]) -> Calibration:
        """Return the calibration from its JSON form."""
        return cls(
            tuple(recipe["evidence"]),
            tuple(recipe["log_odds"]),
            Estimate(**recipe["share"]),
            Estimate(**recipe["quality"]),
            bool(recipe["separable"]),
        )


def estimate_share(evidence: np.ndarray) -> float:
    """Return the share of images that stand apart, 0 to 0.5."""
    return fit_mixture(evidence).share


def night_share(evidence: np.ndarray, seed: int) -> Estimate:
    """Return the defect share of (N,) images of one pattern, with its 90 % bootstrap interval."""
    if len(evidence) < FEWEST:
        return Estimate(0.0, 0.0, MOST)
    mixture = fit_mixture(evidence)
    return _interval(mixture.share, [m.share for m, _ in _resampled(mixture, evidence, seed)])


def calibrate(evidence: np.ndarray, drawn: np.ndarray, seed: int) -> Calibration:
    """Fit the curve on (N,) evidence; `drawn` is the evidence of images with a drawn defect."""
    mixture = fit_mixture(evidence)
    again = list(_resampled(mixture, evidence, seed))
    quality = _interval(
        _expected_auc(mixture, evidence, drawn),
        [_expected_auc(m, sample, drawn) for m, sample in again],
    )
    grid = np.linspace(evidence.min(), max(evidence.max(), evidence.min() + 1e-6), GRID)
    return Calibration(
        tuple(grid.tolist()),
        tuple(_rising(_log_odds(mixture, grid, evidence, drawn), grid).tolist()),
        _interval(mixture.share, [m.share for m, _ in again]),
        quality,
        bool(detects(evidence, drawn) >= SEES),
    )


def _resampled(
    mixture: Mixture, evidence: np.ndarray, seed: int
) -> Iterator[tuple[Mixture, np.ndarray]]:
    """Yield mixtures refitted to bootstrap samples, with the samples."""
    rng = np.random.default_rng([seed, 3])
    for _ in range(BOOTSTRAPS):
        sample = evidence[rng.integers(len(evidence), size=len(evidence))]
        yield refit(mixture, sample), sample


def _interval(estimate: float, resampled: list[float]) -> Estimate:
    low, high = np.quantile(resampled, INTERVAL)
    return Estimate(float(estimate), float(min(low, estimate)), float(max(high, estimate)))


def _log_odds(
    mixture: Mixture, t: np.ndarray, evidence: np.ndarray, drawn: np.ndarray
) -> np.ndarray:
    """Log odds of a defect; without any found tonight, of one like those drawn."""
    if mixture.share > 0:
        prior, log_defects = mixture.share, mixture.log_defects(t)
    else:
        prior = 0.5 / len(evidence)
        centre, spread = float(np.mean(drawn)), max(float(np.std(drawn)), 1.0)
        like = Mixture("gumbel", 0.0, 1.0, 0.0, prior, centre, spread)
        log_defects = like.log_defects(t)
    return np.asarray(special.logit(prior) + log_defects - mixture.log_bulk(t))


def _rising(log_odds: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Make the curve strictly rising: flat or falling stretches get the least slope.

    To the left of its lowest point a wide defect density overtakes the bulk again; an image less
    odd than all others is not a defect, so that side is cut off first.
    """
    lowest = int(np.argmin(log_odds))
    curve = log_odds.copy()
    curve[:lowest] = curve[lowest]
    return np.asarray(np.maximum.accumulate(curve) + LEAST_SLOPE * (grid - grid[0]))


def _squash(log_odds: np.ndarray) -> np.ndarray:
    """Keep log odds within +-6 as they are and let them grow logarithmically beyond."""
    beyond = np.maximum(np.abs(log_odds) - SURE, 0.0)
    return np.asarray(np.sign(log_odds) * (np.minimum(np.abs(log_odds), SURE) + np.log1p(beyond)))


def _expected_auc(mixture: Mixture, t: np.ndarray, drawn: np.ndarray) -> float:
    """ROC-AUC expected if each image is a defect with its own posterior probability."""
    if mixture.share == 0:
        return detects(t, drawn)
    p = special.expit(_rising(_log_odds(mixture, np.sort(t), t, drawn), np.sort(t)))
    below = np.cumsum(1 - p) - 0.5 * (1 - p)
    return float((p * below).sum() / max(p.sum() * (1 - p).sum(), 1e-12))
