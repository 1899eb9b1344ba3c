"""Thresholds from costs, and the decision on each image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from technopro.results import Decision

MISS_COST = 20.0  # false alarms that one missed defect is worth (DAGM 2007's cost ratio)
DEFECT_THRESHOLD = 0.5  # more likely defective than not


def review_threshold(miss_cost: float = MISS_COST) -> float:
    """Return the score from which not looking costs more than looking: 1 / (1 + miss_cost).

    A part let pass costs p·miss_cost in expectation, one put aside (1 - p).
    """
    return 1.0 / (1.0 + miss_cost)


@dataclass(frozen=True)
class Cuts:
    """The scores from which an image is a defect, and from which a person looks."""

    defect: float = DEFECT_THRESHOLD
    review: float = review_threshold()


STANDARD = Cuts()


def decide(scores: np.ndarray, separable: bool, cuts: Cuts = STANDARD) -> list[Decision]:
    """Return a decision a score; in a pattern that cannot be separated nothing is a defect."""
    decisions = []
    for score in scores:
        if score >= cuts.defect and separable:
            decisions.append(Decision.DEFECT)
        else:
            decisions.append(Decision.REVIEW if score >= cuts.review else Decision.OK)
    return decisions
