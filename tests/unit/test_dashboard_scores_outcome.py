"""What thresholds make of a night, against brute force and by hand."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
import streamlit as st
from hypothesis import given
from hypothesis import strategies as some

from dashboard.address import distinct
from dashboard.scores import Scores, cut_at, exact, outcome, start_number
from dashboard.scores_charts import laid_over, shares
from dashboard.scores_sections import difference
from dashboard.translations import Language
from technopro.decision.decide import Cuts, decide
from technopro.results import Decision, Estimate, PatternNight

SCORE = some.floats(0, 1) | some.sampled_from([0.0, 0.25, 0.5, 1.0])


@given(some.lists(SCORE), SCORE, SCORE, some.booleans())
def test_any_cut_is_that_of_deciding_image_by_image(
    scores: list[float], one: float, other: float, separable: bool
) -> None:
    review, defect = sorted((one, other)) if separable else (one, other)
    made = outcome(Scores.of(scores), defect=defect, review=review, separable=separable)
    decided = decide(np.array(scores), separable, Cuts(defect, review))
    pairs = list(zip(scores, decided, strict=True))
    assert made.flagged == decided.count(Decision.DEFECT)
    assert made.review == decided.count(Decision.REVIEW)
    assert made.misses == pytest.approx(sum(s for s, d in pairs if d is Decision.OK), abs=1e-9)
    alarms = sum(1 - s for s, d in pairs if d is Decision.DEFECT)
    assert made.false_alarms == pytest.approx(alarms, abs=1e-9)


def test_cost_and_minutes_by_hand() -> None:
    made = outcome(Scores.of([0.9, 0.1, 0.5, 0.2, 0.8]), defect=0.8, review=0.2)
    assert (made.flagged, made.review) == (2, 2)
    assert made.misses == pytest.approx(0.1)
    assert made.false_alarms == pytest.approx(0.3)  # 0.1 + 0.2
    assert made.cost(20) == pytest.approx(2.3)
    assert made.minutes(30) == pytest.approx(1.0)


def test_a_band_that_begins_above_the_defects_is_empty() -> None:
    made = outcome(Scores.of([0.3, 0.6, 0.9]), defect=0.5, review=0.8)
    assert (made.flagged, made.review, made.misses) == (2, 0, pytest.approx(0.3))


def test_no_scores_at_all() -> None:
    made = outcome(Scores.of([]), defect=0.5, review=0.1)
    assert (made.flagged, made.review, made.misses, made.false_alarms) == (0, 0, 0.0, 0.0)
    np.testing.assert_array_equal(shares(Scores.of([])), 0.0)


def test_a_slider_at_its_start_decides_as_the_night_did() -> None:
    own = 1 / 21
    assert exact(0.048, own) == own
    assert exact(0.049, own) == 0.049


def test_shares_of_a_night_sum_to_all() -> None:
    made = shares(Scores.of([0.0, 0.01, 0.5, 1.0]))
    assert made[0] == 0.5
    assert made[20] == 0.25
    assert made[-1] == 0.25
    assert made.sum() == 1.0


def test_two_nights_are_drawn_on_one_axis() -> None:
    """Heights by hand: the axis ends at 60 %, and grows with the square root."""
    this, other = Scores.of([0.0, 0.99]), Scores.of([0.0, 0.0, 0.0, 0.0, 0.99, 0.99, 0.5, 0.5])
    drawn = laid_over(this, other, Language("en"))
    bars = re.findall(
        r'tp-bar" title="[^"]*" style="left:([0-9.]+)%;width:2.50%;height:([0-9.]+)%', drawn
    )
    assert bars == [("0.00", "91.29"), ("97.50", "91.29")]  # half of the images: sqrt(0.5 / 0.6)
    steps = re.findall(r"height:3px;bottom:calc\(([0-9.]+)% - 1.5px\)", drawn)
    assert len(steps) == 40
    assert (steps[0], steps[1], steps[20], steps[39]) == ("91.29", "0.00", "64.55", "64.55")
    assert drawn.count("width:3px") == 4  # down, up, down, up again
    assert ">60.0 %<" in drawn
    assert 'title="Score 0.975 – 1.000: 50.0 % / 25.0 %"' in drawn


@pytest.mark.parametrize(
    ("now", "before", "digits", "said"),
    [
        (8, 5, 0, "+3"),
        (5, 8, 0, "−3"),
        (5, 5, 0, "±0"),
        (1.04, 1.01, 1, "±0"),
        (0.96, 1.34, 1, "−0.3"),
        (3000, 1, 0, "+2,999"),
    ],
)
def test_a_difference_is_that_of_the_figures_shown(
    now: float, before: float, digits: int, said: str
) -> None:
    assert difference(now, before, digits) == said


@pytest.mark.parametrize("said", ["", "x", "nan", "inf", "-0.1", "1.1", "1e9", "<b>"])
def test_nonsense_in_the_address_is_no_number(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "query_params", {"defect": said})
    assert start_number("defect", 0.7, 0, 1) == 0.7
    monkeypatch.setattr(st, "query_params", {"defect": "0.25"})
    assert start_number("defect", 0.7, 0, 1) == 0.25


@pytest.mark.parametrize(("separable", "top"), [(True, 0.5), (False, math.inf)])
def test_a_chart_of_an_inseparable_pattern_flags_nothing(separable: bool, top: float) -> None:
    one = Estimate(0.1, 0.0, 0.2)
    night = PatternNight("p", 9, separable, one, 0.8, 0.6, 1, one, "v1")
    cut = cut_at(night, defect=0.5, review=0.7)
    assert cut.threshold == top
    assert cut.review_threshold == min(0.7, top)


def test_nights_of_one_minute_are_told_apart() -> None:
    called = {"a1b2c3d4-x": "14:27", "e5f6a7b8-y": "14:27", "c9": "14:28"}
    assert distinct(called) == {
        "a1b2c3d4-x": "14:27 · a1b2c3d4",
        "e5f6a7b8-y": "14:27 · e5f6a7b8",
        "c9": "14:28",
    }
