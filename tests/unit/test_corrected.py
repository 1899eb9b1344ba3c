"""The corrected defect rate against closed forms, a second implementation and simulated nights."""

import numpy as np
import pytest
from scipy.stats import binomtest

from technopro.decision.corrected import Cell, corrected, exact_interval
from technopro.errors import InputError

NIGHTS = 3000


def test_nobody_looked_so_it_may_be_anything() -> None:
    for cells in ([], [Cell("ok", 0, 0, 0)], [Cell("ok", 900, 0, 0), Cell("defect", 100, 0, 0)]):
        rate = corrected(cells)
        assert (rate.estimate, rate.low, rate.high, rate.looked) == (None, 0, 1, 0)


def test_a_stratum_that_nobody_looked_at_is_anything_by_its_weight() -> None:
    rate = corrected([Cell("ok", 900, 30, 0), Cell("review", 100, 0, 0), Cell("defect", 0, 0, 0)])
    assert rate.estimate is None
    assert rate.low == 0
    assert rate.high == pytest.approx(0.9 * exact_interval(0, 30, 0.9)[1] + 0.1)
    assert [s.name for s in rate.strata] == ["ok", "review"]


def test_what_was_looked_at_whole_is_known() -> None:
    rate = corrected([Cell("ok", 40, 40, 1), Cell("defect", 10, 10, 8)])
    assert rate.estimate == pytest.approx(9 / 50)
    assert (rate.low, rate.high) == pytest.approx((9 / 50, 9 / 50))


def test_a_single_part() -> None:
    for defects in (0, 1):
        rate = corrected([Cell("ok", 1, 1, defects)])
        assert (rate.estimate, rate.low, rate.high) == (defects, defects, defects)


def test_the_estimate_is_weight_times_rate() -> None:
    drawn = ((9000, 30, 3), (600, 20, 5), (400, 8, 6))
    cells = [Cell(n, *d) for n, d in zip(("ok", "review", "defect"), drawn, strict=True)]
    rate = corrected(cells)
    assert rate.estimate == pytest.approx(0.9 * 0.1 + 0.06 * 0.25 + 0.04 * 0.75)
    assert rate.escapes is not None
    assert rate.precision is not None
    assert (rate.escapes.rate, rate.precision.rate) == (0.1, 0.75)
    ends = np.array([exact_interval(x, n, 1 - 0.1 / 3) for _, n, x in drawn])
    assert (rate.low, rate.high) == pytest.approx(tuple(np.array([0.9, 0.06, 0.04]) @ ends))


def test_strata_are_told_at_90_percent_and_added_up_at_95_where_they_are_two() -> None:
    rate = corrected([Cell("ok", 10_000, 60, 0), Cell("defect", 100, 50, 50)])
    assert rate.strata[1].high == pytest.approx(1 - 0.05 ** (1 / 60))
    assert rate.strata[0].low == pytest.approx(0.05 ** (1 / 50))
    ok, defect = 1 - 0.025 ** (1 / 60), 0.025 ** (1 / 50)
    assert (rate.low, rate.high) == pytest.approx(
        (100 * defect / 10_100, (10_000 * ok + 100) / 10_100)
    )


@pytest.mark.parametrize("level", [0.9, 0.95, 1 - 0.1 / 3])
def test_intervals_are_those_of_scipy(level: float) -> None:
    for looked in (0, 1, 2, 30):
        for defects in {0, looked // 3, looked}:
            found = exact_interval(defects, looked, level)
            if looked == 0:
                assert found == (0, 1)
                continue
            said = binomtest(defects, looked).proportion_ci(level, method="exact")
            assert found == pytest.approx((said.low, said.high))


@pytest.mark.parametrize("numbers", [(10, 11, 0), (10, 5, 6), (10, 5, -1), (-1, 0, 0)])
def test_impossible_counts_are_refused(numbers: tuple[int, int, int]) -> None:
    with pytest.raises(InputError, match="defects <= looked at <= parts"):
        Cell("ok", *numbers)


def test_nights_of_equal_size_are_pooled_into_one_sample() -> None:
    nights = [Cell("ok", 1000, 20, x) for x in (0, 1, 0)]
    rate = corrected(nights)
    assert rate.estimate == pytest.approx(1 / 60)
    assert (rate.low, rate.high) == pytest.approx(exact_interval(1, 60, 0.9))


def test_a_night_that_nobody_looked_at_widens_the_interval() -> None:
    alone = corrected([Cell("ok", 1000, 50, 1)])
    both = corrected([Cell("ok", 1000, 50, 1), Cell("ok", 1000, 0, 0)])
    assert both.estimate is None
    assert (both.low, both.high) == pytest.approx((alone.low / 2, (alone.high + 1) / 2))


@pytest.mark.parametrize("share", [0.0, 0.002, 0.03, 0.13])
@pytest.mark.parametrize("looked", [5, 20, 60])
def test_the_interval_holds_the_truth_on_nine_of_ten_nights(share: float, looked: int) -> None:
    """Nights of 1000 parts, decided by a fair judge, sampled without replacement."""
    random = np.random.default_rng([round(share * 1e4), looked])
    parts = np.array([900, 50, 50])
    chances = np.clip(share * np.array([0.2, 3.0, 13.0]), 0, 1)
    bad = random.binomial(parts, chances, (NIGHTS, 3))
    seen = np.minimum(looked, parts)
    found = random.hypergeometric(bad, parts - bad, seen)
    assert coverage(found, np.tile(parts, (NIGHTS, 1)), np.tile(seen, (NIGHTS, 1)), bad) >= 0.9


def test_pooled_nights_of_unequal_size_and_rate_hold_it_too() -> None:
    """One stratum in three nights whose rates, sizes and sampling fractions all differ."""
    random = np.random.default_rng(4)
    parts, seen = np.array([2000, 300, 900]), np.array([15, 60, 30])
    bad = random.binomial(parts, [0.08, 0.0, 0.01], (NIGHTS, 3))
    found = random.hypergeometric(bad, parts - bad, seen)
    held = 0
    for x, b in zip(found, bad, strict=True):
        rate = corrected(Cell("ok", *map(int, row)) for row in zip(parts, seen, x, strict=True))
        held += rate.low - 1e-12 <= b.sum() / parts.sum() <= rate.high + 1e-12
        assert rate.estimate is not None
        assert rate.low <= rate.estimate <= rate.high
    assert held / NIGHTS >= 0.9


def coverage(found: np.ndarray, parts: np.ndarray, seen: np.ndarray, bad: np.ndarray) -> float:
    """Share of nights (rows) whose interval holds the true rate; columns are strata."""
    outcomes, index = np.unique(found, axis=0, return_inverse=True)
    names = ("ok", "review", "defect")
    ends = []
    for row in outcomes:
        cells = [Cell(*c) for c in zip(names, parts[0], seen[0], row, strict=True)]
        rate = corrected(cells)
        ends.append((rate.low, rate.high))
    low, high = np.array(ends)[index].T
    truth = bad.sum(1) / parts.sum(1)
    return float(((low - 1e-12 <= truth) & (truth <= high + 1e-12)).mean())
