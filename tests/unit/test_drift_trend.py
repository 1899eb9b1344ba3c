"""A slow drift: the order of the nights shows it, where the nights before hide it."""

from __future__ import annotations

import numpy as np
import pytest
from drift_nights import Plant
from scipy import stats

from technopro.drift.assess import assess
from technopro.drift.embedding import compare_embeddings, discrepancy
from technopro.drift.figure import Finding, Level
from technopro.drift.sample import Reference
from technopro.drift.trend import FEWEST_NIGHTS, between, discrepancies, find_trend

CHANNELS = 6


def nights(
    count: int, step: float, rng: np.random.Generator, restless: float = 0.3
) -> list[np.ndarray]:
    """Thirty images a night, under a light of its own, moved by so many spreads each night."""
    return [
        rng.normal(size=(30, CHANNELS)) + restless * rng.normal(size=CHANNELS) + step * number
        for number in range(count)
    ]


def trend(of: list[np.ndarray], seed: int = 0) -> Finding:
    return find_trend("p-a", of, seed)


def test_two_nights_differ_by_their_discrepancy() -> None:
    one, other = nights(2, 1.0, np.random.default_rng(0))
    assert discrepancies([one, other])[0, 1] == pytest.approx(discrepancy(one, other, 0, 0)[0])
    squared = discrepancies(nights(5, 0.5, np.random.default_rng(1)))
    assert squared == pytest.approx(squared.T)
    assert not squared.diagonal().any()


def test_groups_of_nights_differ_by_more_than_their_nights_do() -> None:
    restless = discrepancies(nights(20, 0.0, np.random.default_rng(2), restless=1.0))
    even, odd = np.arange(0, 20, 2), np.arange(1, 20, 2)
    assert restless[np.triu_indices(20, 1)].mean() > 0.3
    assert between(restless, even, odd) == pytest.approx(0, abs=0.03)


def test_the_p_value_is_that_of_shuffled_nights() -> None:
    drawn = nights(9, 0.08, np.random.default_rng(3))
    squared, rng = discrepancies(drawn), np.random.default_rng(4)
    upper = np.triu_indices(9, 1)
    apart = upper[1] - upper[0]

    def correlation(order: np.ndarray) -> float:
        return float(stats.pearsonr(apart, squared[np.ix_(order, order)][upper]).statistic)

    seen = correlation(np.arange(9))
    counted = np.mean([correlation(rng.permutation(9)) >= seen for _ in range(4000)])
    assert 0.005 < counted < 0.5
    assert trend(drawn).p_value == pytest.approx(counted, abs=0.03)


def test_restless_nights_in_no_order_are_no_trend() -> None:
    rng = np.random.default_rng(5)
    p_values = [trend(nights(12, 0.0, rng, restless=1.0), s).p_value for s in range(200)]
    assert np.mean([p is not None and p <= 0.05 for p in p_values]) <= 0.09
    assert min(p for p in p_values if p is not None) > 1e-4


def test_a_slow_drift_is_found_where_the_nights_before_hide_it() -> None:
    drawn = nights(15, 0.07, np.random.default_rng(6))
    hidden = compare_embeddings("p-a", drawn[-1], drawn[:-1], 0)
    found = trend(drawn)
    assert hidden.p_value is not None
    assert hidden.p_value > 0.02
    assert found.p_value is not None
    assert found.p_value < 1e-4
    assert "little by little over 15 nights" in found.settle(Level.DRIFTED).words
    mixed = [drawn[k] for k in np.random.default_rng(7).permutation(15)]
    assert (trend(mixed).p_value or 0) > 0.01


def test_a_trifle_is_at_most_watched() -> None:
    found = trend(nights(15, 0.02, np.random.default_rng(8), restless=0.0))
    assert found.value < 0.05
    assert found.highest is Level.WATCH


@pytest.mark.parametrize("known", [FEWEST_NIGHTS - 2, FEWEST_NIGHTS - 1])
def test_a_night_is_assessed_for_a_trend_when_enough_nights_are_known(known: int) -> None:
    rng = np.random.default_rng(9)
    drifting = [Plant(tint=0.2 * number).night(rng) for number in range(known + 1)]
    figures = assess(drifting[-1], Reference(tuple(drifting[:-1])), 0)
    patterns = [f.pattern for f in figures if f.statistic == "trend"]
    assert patterns == (["p-a", "p-b", "p-c", "p-d"] if known + 1 >= FEWEST_NIGHTS else [])
