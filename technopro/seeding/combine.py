"""One opinion out of many scores, weighted per pattern without labels.

Scores are weighted by agreement: how well each ranks the images that a reference, made of several
of them, finds worst. Drawn defects cannot judge them, since some have learned from drawn defects.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

NORMAL_IQR = 1.349  # interquartile range of a standard normal
WORST_SHARE = 0.10  # of the images, on which opinions must agree …
WORST_COUNT = 5  # … and at least so many
SHARPNESS = 2  # power of the excess over chance that makes a weight
TOLD = 3.0  # weight of an image that a person looked at
Scores = Mapping[str, np.ndarray]  # name -> (N,)
Weights = Mapping[str, float]


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


def standardised(score: np.ndarray) -> np.ndarray:
    """Return the score in spreads from its median."""
    return fit_scale(score)(score)


def matched(sample: np.ndarray, like: np.ndarray, share: float = 0.0) -> np.ndarray:
    """Shift and scale a sample so that the sound part of `like` has the same quantiles.

    Of `like` a `share`, 0 to 0.5, is defective and lies above. Of what is left the lower 60 % are
    held to: there may be more defects than are known.
    """
    at = np.linspace(0.1, 0.6, 11)
    sound = np.quantile(like, at * (1 - share))
    slope, shift = np.polyfit(np.quantile(sample, at), sound, 1)
    return np.asarray(sample * slope + shift)


def detects(images: np.ndarray, drawn: np.ndarray) -> float:
    """Return the ROC-AUC of drawn defects against tonight's images, 0.5 where one is missing."""
    if not len(images) or not len(drawn):
        return 0.5
    return ranks(np.r_[np.zeros(len(images)), np.ones(len(drawn))], np.r_[images, drawn])


def ranks(labels: np.ndarray, score: np.ndarray, sample_weight: np.ndarray | None = None) -> float:
    """Return the ROC-AUC."""
    from sklearn.metrics import roc_auc_score  # more than a second to import

    return float(roc_auc_score(labels, score, sample_weight=sample_weight))


@dataclass(frozen=True)
class Combination:
    """A weighted mean of standardised scores, itself standardised; the weights sum to 1."""

    scales: Mapping[str, Scale]
    weights: Weights
    skill: Mapping[str, float]  # the ROC-AUC that each weight comes from
    scale: Scale

    def __call__(self, scores: Scores) -> np.ndarray:
        """Return (N,); scores without weight may be missing."""
        return self.scale(_mean(scores, self.scales, self.weights))


def combine(scores: Scores, weights: Weights, skill: Mapping[str, float]) -> Combination:
    """Return the mean of the scores by these weights, standardised on the images they are of."""
    scales = {name: fit_scale(scores[name]) for name in weights}
    return Combination(scales, weights, skill, fit_scale(_mean(scores, scales, weights)))


def by_skill(skill: Mapping[str, float]) -> Weights:
    """Return weights that sum to 1, by the square of what each ROC-AUC exceeds chance."""
    excess = {name: max(0.0, auc - 0.5) ** SHARPNESS for name, auc in skill.items()}
    total = sum(excess.values())
    return {n: e / total if total > 0 else 1 / len(excess) for n, e in excess.items()}


def agreement(score: np.ndarray, reference: np.ndarray, told: np.ndarray | None = None) -> float:
    """Return the ROC-AUC of a score on the images that a reference, (N,), finds worst.

    Where a person has `told` (N,) soft labels (NaN: has not), those count instead; where they
    contradict the reference, for more. Verdicts that confirm it change nothing.
    """
    order = np.argsort(-reference, kind="stable")
    count = max(min(max(WORST_COUNT, round(len(order) * WORST_SHARE)), len(order) - 1), 0)
    said = np.full(len(order), np.nan) if told is None else np.round(told)
    worst = np.zeros(len(order))
    worst[order[:count]] = 1.0
    labels, untold = np.nan_to_num(said), order[np.isnan(said[order])]
    labels[untold[: max(count - int(labels.sum()), 0)]] = 1.0
    if labels.min() == labels.max():
        return 0.5
    contradicted = ~np.isnan(said) & (labels != worst)
    weights = np.where(contradicted, TOLD, 1.0)
    return ranks(labels, score, weights)


def _mean(scores: Scores, scales: Mapping[str, Scale], weights: Weights) -> np.ndarray:
    return np.asarray(
        np.sum([w * scales[n](scores[n]) for n, w in weights.items() if w > 0], axis=0)
    )
