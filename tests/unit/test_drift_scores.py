"""Scores of a pattern: distances in closed form, trifles, and nights that differ a little."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from technopro.drift.chance import from_others, of_night, of_shuffling
from technopro.drift.control import BUDGET, settle
from technopro.drift.figure import DriftFigure, Level
from technopro.drift.scores import _shuffled, compare_scores, spread, wasserstein
from technopro.errors import InputError

RNG = np.random.default_rng(0)
PLAIN = RNG.normal(size=1000)


def judged(tonight: np.ndarray, nights: list[np.ndarray], seed: int = 0) -> DriftFigure:
    return settle([compare_scores("p-a", tonight, nights, seed)])[0]


def nights(seed: int, count: int, restless: float, images: int = 150) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.normal(restless * rng.normal(), 1, images) for _ in range(count)]


@pytest.mark.parametrize(
    ("tonight", "reference", "wrong"),
    [
        (np.zeros(0), [PLAIN], "found none"),
        (PLAIN, [], "found none"),
        (np.array([1.0, np.nan]), [PLAIN], "finite"),
        (PLAIN, [np.array([np.inf])], "finite"),
        (np.zeros((3, 2)), [PLAIN], "dimension"),
    ],
    ids=["empty", "no night", "nan", "infinite", "table"],
)
def test_what_cannot_be_compared_is_refused(
    tonight: np.ndarray, reference: list[np.ndarray], wrong: str
) -> None:
    with pytest.raises(InputError, match=wrong):
        compare_scores("p-a", tonight, reference, 0)


def test_constant_scores_are_steady_and_another_constant_is_not() -> None:
    constant = [np.full(50, 3.0)] * 4
    assert judged(np.full(50, 3.0), constant).level is Level.STEADY
    assert judged(np.full(50, 4.0), constant).level is Level.DRIFTED
    assert judged(np.full(1, 3.0), constant).level is Level.STEADY


def test_the_distance_of_shifted_scores_is_the_shift_in_spreads() -> None:
    assert wasserstein(PLAIN + 0.7, PLAIN) == pytest.approx(0.7)
    shifted = judged(5 * (PLAIN + 0.7), [5 * PLAIN])
    assert shifted.value == pytest.approx(0.7 / spread(PLAIN, PLAIN), rel=1e-6)


def test_the_spread_is_that_of_sound_images() -> None:
    many = np.random.default_rng(1).normal(2, 3, 20000)
    assert spread(many, many) == pytest.approx(3, rel=0.03)
    assert spread(np.r_[many, np.full(1000, 60.0)], many) == pytest.approx(3, rel=0.12)


def test_shuffled_distances_are_those_of_scipy() -> None:
    """The quick formula against the slow one, on the same kind of shuffles."""
    a, b = PLAIN[:40], PLAIN[40:100] * 2
    rng, both = np.random.default_rng(3), np.r_[a, b]
    again = [rng.permutation(both) for _ in range(400)]
    slow = [stats.wasserstein_distance(x[:40], x[40:]) for x in again]
    assert stats.ks_2samp(_shuffled(a, b, 0), slow).pvalue > 0.01


def test_a_fitted_tail_agrees_with_counting_where_one_can_count() -> None:
    many = np.random.default_rng(4).gamma(2, size=200_000)
    for p in (1e-2, 1e-3, 1e-4):
        value = float(stats.gamma.isf(p, 2))
        assert of_shuffling(value, many[:500]) == pytest.approx(p, rel=0.8)
        assert of_shuffling(value, many) == pytest.approx(p, rel=0.5)
    assert of_shuffling(0.0, np.zeros(9)) == 1


def test_a_night_is_judged_by_students_t_where_nights_differ_along_one_line() -> None:
    rng, hits = np.random.default_rng(5), []
    for _ in range(4000):
        means = list(rng.normal(size=(7, 1)))
        usual = from_others(means[1:], lambda a, b: float(abs(a.mean() - b.mean())))
        hits.append(of_night(float(abs(means[0].mean() - np.mean(means[1:]))), usual) < 0.02)
    assert np.mean(hits) == pytest.approx(0.02, abs=0.007)
    assert of_night(0.0, [1, 2, 3]) == 1
    assert of_night(1.0, [0, 0, 0]) == 0


def test_one_night_is_at_most_watched_and_only_for_what_can_be_seen() -> None:
    assert judged(PLAIN + 0.2, [PLAIN]).level is Level.STEADY
    assert judged(PLAIN + 0.2, [PLAIN]).p_value < 0.001
    assert judged(PLAIN + 2, [PLAIN]).level is Level.WATCH


def test_a_trifle_stays_steady_however_sure_it_is() -> None:
    few, many = (stats.norm.ppf((np.arange(n) + 0.5) / n) for n in (400, 2000))
    figure = judged(many + 0.09, [few] * 5)
    assert figure.level is Level.STEADY
    assert figure.p_value < BUDGET


def test_restless_nights_raise_no_alarm_and_images_alone_would() -> None:
    alarms, sure = [], 0
    for seed in range(9):
        reference = nights(seed, 7, 0.25)
        figures = [judged(x, reference, seed) for x in nights(seed + 99, 10, 0.25)]
        alarms.append(sum(f.level is Level.DRIFTED for f in figures))
        sure += sum(stats.ks_2samp(x, np.concatenate(reference)).pvalue < 0.01 for x in reference)
    assert np.mean(alarms) < 1 / 3  # of thirty nights: less than one
    assert sure > 9


def test_a_shift_that_matters_is_drift() -> None:
    figures = [judged(nights(s + 50, 1, 0)[0] + 1.2, nights(s, 10, 0.1), s) for s in range(10)]
    assert sum(f.level is Level.DRIFTED for f in figures) >= 9
    assert "differ from the reference nights by 1." in figures[0].words
    assert figures[0].high < 0.6


def test_twice_the_defects_are_drift_though_the_bulk_is_the_same() -> None:
    def night(rng: np.random.Generator, share: float) -> np.ndarray:
        return np.where(rng.random(1000) < share, rng.normal(8, 1, 1000), rng.normal(size=1000))

    rng = np.random.default_rng(6)
    reference = [night(rng, 0.05) for _ in range(14)]
    assert judged(night(rng, 0.05), reference).level is Level.STEADY
    assert judged(night(rng, 0.15), reference).level is Level.DRIFTED


def test_the_order_of_images_does_not_matter() -> None:
    tonight, reference = RNG.normal(0.3, 1, 2500), [RNG.normal(size=2500) for _ in range(3)]
    turned = compare_scores("p-a", tonight[::-1], [night[::-1] for night in reference], 0)
    assert compare_scores("p-a", tonight, reference, 0) == turned
