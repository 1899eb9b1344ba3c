"""The flight recorder: what every image was taken for, in every round and by every fold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import special, stats

BY_LUCK = 0.01  # p-value from which following its labels may be luck


@dataclass(frozen=True)
class Followed:
    """How far the Swins say of images kept from them what the labels said."""

    auc: float  # of images labelled free of defects against the rest
    p: float  # of so much agreement by luck

    @property
    def learned(self) -> bool:
        return self.p < BY_LUCK


@dataclass(frozen=True)
class Flight:
    """The rounds of one pattern, as arrays of R rounds, K folds and N images."""

    labels: np.ndarray  # (R, N) float32: pseudo-label, 0 to 1, NaN where left out
    scores: np.ndarray  # (R, N) float32: standardised, after the round
    logits: np.ndarray  # (R, K, N) float32: of each fold's Swin

    @property
    def instability(self) -> np.ndarray:
        """Spread of the Swins' probability of a defect over rounds and folds: (N,), 0 to 0.5.

        The `variability` of dataset cartography (Swayamdipta et al. 2020, arXiv:2009.10795).
        """
        return np.asarray(special.expit(self.logits).std((0, 1)))

    def followed(self, folds: np.ndarray) -> Followed:
        """Compare each image's first label with the last word of its fold's Swin; `folds` (N,).

        Labels that have nothing to do with the images cannot be followed on images kept back
        (y-randomisation: Rücker et al. 2007, doi:10.1021/ci700157b); those of later rounds can,
        since they follow the Swins. Two questions are asked by Mann-Whitney, is the rest above
        what was labelled free of defects, and are the labelled defects; `p` is Bonferroni's.
        """
        labels, logits = self.labels[0], self.logits[-1][folds, np.arange(len(folds))]
        free, rest, defects = logits[labels == 0], logits[labels != 0], logits[labels == 1]
        if not len(free) or not len(rest):
            return Followed(0.5, 1.0)
        told = [
            stats.mannwhitneyu(above, free, alternative="greater")
            for above in (rest, defects)
            if len(above)
        ]
        auc = float(told[0].statistic) / (len(rest) * len(free))
        return Followed(auc, min(1.0, len(told) * min(float(one.pvalue) for one in told)))

    def tensors(self) -> dict[str, np.ndarray]:
        """Return the arrays from which `restore_flight` makes it again."""
        return {f"flight.{name}": value for name, value in vars(self).items()}


def restore_flight(tensors: Mapping[str, np.ndarray]) -> Flight | None:
    """Return the record from a model's arrays; None for a model without one."""
    names = ("labels", "scores", "logits")
    if f"flight.{names[0]}" not in tensors:
        return None
    return Flight(*(tensors[f"flight.{name}"] for name in names))
