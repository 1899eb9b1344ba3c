"""Decisions at their thresholds."""

from __future__ import annotations

import numpy as np
import pytest

from technopro.decision.decide import decide, review_threshold
from technopro.results import Decision

SCORES = np.array([0.0, 1 / 21 - 1e-9, 1 / 21, 0.4999, 0.5, 1.0])
REVIEWED = [Decision.OK, Decision.OK, Decision.REVIEW, Decision.REVIEW]


def test_the_worst_are_defects_and_what_is_worth_a_look_is_reviewed() -> None:
    assert decide(SCORES, separable=True) == [*REVIEWED, Decision.DEFECT, Decision.DEFECT]


def test_nothing_is_a_defect_where_the_pattern_cannot_be_separated() -> None:
    assert decide(SCORES, separable=False) == [*REVIEWED, Decision.REVIEW, Decision.REVIEW]


@pytest.mark.parametrize("miss_cost", [1.0, 5.0, 20.0])
def test_at_the_review_threshold_looking_costs_what_not_looking_costs(miss_cost: float) -> None:
    p = review_threshold(miss_cost)
    assert p * miss_cost == pytest.approx(1 - p)
