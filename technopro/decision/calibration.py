"""From evidence to a score that means the same on every pattern, and to the defect share.

The score is the probability of being defective that the jury gives (see `judge`), monotone in the
evidence and kept from saturating, so that the order of images is never lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import special

from technopro.decision.curve import LEAST_SLOPE, scores
from technopro.decision.decide import DEFECT_THRESHOLD
from technopro.decision.judge import NOTHING, Judge, Jury, convene
from technopro.decision.mixture import MOST, Sample, fit_mixture
from technopro.decision.threads import on_one_thread
from technopro.results import FEWEST_OF_A_SHARE, Estimate
from technopro.seeding.combine import detects

KNOWN = 201  # quantiles kept of what sound images have
GRID = 257
SEES = 0.65  # ROC-AUC on drawn defects below which a pattern is not separable
LEAST = 1e-9  # probability
FULL = 0.98  # of the largest share that a night can find
INTERVAL = (0.05, 0.95)


@dataclass(frozen=True)
class Calibration:
    """A monotone curve from evidence to log odds, and what was estimated with it."""

    evidence: tuple[float, ...]  # grid
    log_odds: tuple[float, ...]  # strictly rising
    share: Estimate
    quality: Estimate
    separable: bool
    usual: tuple[float, ...] = ()  # quantiles of what sound images have

    def __call__(self, evidence: np.ndarray) -> np.ndarray:
        """Return scores, 0 to 1."""
        return scores(evidence, self.evidence, self.log_odds)

    @classmethod
    def restore(cls, recipe: Mapping[str, Any]) -> Calibration:
        """Return the calibration from its JSON form."""
        return cls(
            tuple(recipe["evidence"]),
            tuple(recipe["log_odds"]),
            Estimate(**recipe["share"]),
            Estimate(**recipe["quality"]),
            bool(recipe["separable"]),
            tuple(recipe.get("usual", ())),
        )


@on_one_thread
def estimate_share(evidence: np.ndarray) -> float:
    """Return the share of images that stand apart by the shape of the bulk, 0 to 0.5."""
    return fit_mixture(Sample(evidence, NOTHING)).share


def night_share(evidence: np.ndarray, usual: np.ndarray, seed: int) -> Estimate:
    """Return the defect share of (N,) images of one pattern, with its 90 % bootstrap interval."""
    if len(evidence) < FEWEST_OF_A_SHARE:
        return Estimate(0.0, 0.0, MOST)
    return night_jury(evidence, usual, seed).share


def judged_share(share: Estimate, scores: np.ndarray) -> Estimate:
    """Return the defect share of a night that was judged with (N,) `scores`, 0 to 1.

    `share` is what the night says of itself, which rests on most parts being sound. Where most
    score as defects, it is how many do; there, and where the night finds as many as it can, all
    parts may be defective.
    """
    if len(scores) < FEWEST_OF_A_SHARE:
        return share
    flagged = float(np.mean(scores >= DEFECT_THRESHOLD))
    if flagged > MOST:
        return Estimate(flagged, share.low, 1.0)
    return replace(share, high=1.0) if share.estimate >= FULL * MOST else share


def night_jury(evidence: np.ndarray, usual: np.ndarray, seed: int) -> Jury:
    """Return who says how many of (N,) images are defective, and whether that is proven."""
    return convene(Sample(evidence, usual), NOTHING, seed)


def calibrate(
    evidence: np.ndarray,
    usual: np.ndarray,
    drawn: np.ndarray,
    seed: int,
    *,
    proven: bool | None = None,
) -> Calibration:
    """Fit the curve on (N,) evidence.

    `usual` is what sound images have, `drawn` is the evidence of images with a drawn defect.
    `proven` tells whether others have proven that there are defects; where nobody says, the
    evidence itself must prove it.
    """
    jury = convene(Sample(evidence, usual), drawn, seed)
    if proven is not None:
        jury = replace(jury, proven=proven)
    grid = np.linspace(evidence.min(), max(evidence.max(), evidence.min() + 1e-6), GRID)
    known = np.quantile(usual, np.linspace(0, 1, KNOWN)) if len(usual) else NOTHING
    return Calibration(
        tuple(grid.tolist()),
        tuple((_logit(jury.probability(grid)) + LEAST_SLOPE * (grid - grid[0])).tolist()),
        jury.share,
        _quality(jury, evidence, drawn),
        bool(detects(evidence, drawn) >= SEES),
        tuple(known.tolist()),
    )


def _quality(jury: Jury, evidence: np.ndarray, drawn: np.ndarray) -> Estimate:
    pairs = zip(jury.others, jury.nights, strict=True)
    again = [_expected_auc(judge, night, drawn) for judge, night in pairs]
    return _interval(_expected_auc(jury.judge, evidence, drawn), again)


def _interval(estimate: float, resampled: list[float]) -> Estimate:
    low, high = np.quantile(resampled, INTERVAL)
    return Estimate(float(estimate), float(min(low, estimate)), float(max(high, estimate)))


def _logit(p: np.ndarray) -> np.ndarray:
    return np.asarray(special.logit(np.clip(p, LEAST, 1 - LEAST)))


def _expected_auc(judge: Judge, t: np.ndarray, drawn: np.ndarray) -> float:
    """ROC-AUC expected if each image is a defect with its own posterior probability."""
    if judge.share == 0:
        return detects(t, drawn)
    p = special.expit(judge.log_odds(np.sort(t)).min(0))
    below = np.cumsum(1 - p) - 0.5 * (1 - p)
    return float((p * below).sum() / max(p.sum() * (1 - p).sum(), 1e-12))
