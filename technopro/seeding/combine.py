"""One seed score out of several, weighted per pattern by what each seed sees of drawn defects.

A seed's log score is standardised by the median and quartiles of the pattern, which a minority of
defects does not move. Its weight is the squared excess over chance of its ROC-AUC between
tonight's images and held-out images with a drawn defect: seeds blind to this pattern drop out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import roc_auc_score

NORMAL_IQR = 1.349  # interquartile range of a standard normal


@dataclass(frozen=True)
class Scale:
    """Median and robust spread of a score."""

    middle: float
    spread: float

    def __call__(self, score: np.ndarray) -> np.ndarray:
        return np.asarray((score - self.middle) / self.spread)


def fit_scale(score: np.ndarray) -> Scale:
    """Centre on the median; the unit is the standard deviation that the quartiles imply."""
    low, middle, high = np.quantile(score, [0.25, 0.5, 0.75])
    return Scale(float(middle), max(float(high - low) / NORMAL_IQR, 1e-6))


def detects(images: np.ndarray, drawn: np.ndarray) -> float:
    """Return the ROC-AUC of drawn defects against tonight's images, 0.5 where one is missing."""
    if not len(images) or not len(drawn):
        return 0.5
    labels = np.r_[np.zeros(len(images)), np.ones(len(drawn))]
    return float(roc_auc_score(labels, np.r_[images, drawn]))


@dataclass(frozen=True)
class Combination:
    """Scale and weight of each seed; the weights sum to 1."""

    scales: Mapping[str, Scale]
    weights: Mapping[str, float]
    seen: Mapping[str, float]  # ROC-AUC of each seed on drawn defects

    def __call__(self, scores: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the weighted mean of the standardised log scores: (N,)."""
        parts = [self.weights[n] * self.scales[n](np.log(scores[n])) for n in self.weights]
        return np.asarray(np.sum(parts, axis=0))


def combine(scores: Mapping[str, np.ndarray], drawn: Mapping[str, np.ndarray]) -> Combination:
    """Weigh the seeds from their positive scores on tonight's and on drawn images."""
    scales = {name: fit_scale(np.log(score)) for name, score in scores.items()}
    seen = {name: detects(scores[name], drawn[name]) for name in scores}
    excess = {name: max(0.0, auc - 0.5) ** 2 for name, auc in seen.items()}
    total = sum(excess.values())
    weights = {n: e / total if total > 0 else 1 / len(excess) for n, e in excess.items()}
    return Combination(scales, weights, seen)
