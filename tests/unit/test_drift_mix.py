"""The mix of patterns: statistics against scipy and by hand, and nights that vary on their own."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from technopro.drift.control import settle
from technopro.drift.figure import DriftFigure, Level
from technopro.drift.mix import compare_mix, dispersion, homogeneity, stability_index
from technopro.drift.share import share_change
from technopro.errors import InputError

USUAL = {"p-a": 500, "p-b": 300, "p-c": 200}


def judged(tonight: dict[str, int], nights: list[dict[str, int]]) -> dict[str | None, DriftFigure]:
    return {f.pattern: f for f in settle(compare_mix(tonight, nights, 0))}


def test_nothing_is_said_where_there_is_nothing_to_compare() -> None:
    assert compare_mix({}, [USUAL], 0) == []
    assert compare_mix(USUAL, [], 0) == []
    assert compare_mix(USUAL, [{}, {"p-a": 0}], 0) == []
    assert compare_mix({"p-a": 5}, [{"p-a": 9}] * 5, 0) == []  # one pattern has no mix


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(InputError, match="negative"):
        compare_mix({"p-a": -1}, [USUAL], 0)


def test_one_image_is_no_news() -> None:
    assert {f.level for f in judged({"p-c": 1}, [USUAL] * 6).values()} == {Level.STEADY}


def test_the_stability_index_is_the_sum_by_hand() -> None:
    # (70.5, 30.5) / 101 against (50.5, 50.5) / 101
    by_hand = 20 / 101 * np.log(70.5 / 50.5) - 20 / 101 * np.log(30.5 / 50.5)
    assert stability_index(np.array([70, 30]), np.array([50, 50])) == pytest.approx(by_hand)
    assert stability_index(np.array([7, 3]), np.array([7, 3])) == 0
    assert np.isfinite(stability_index(np.array([90, 0]), np.array([0, 90])))


def test_chi_square_is_that_of_scipy_where_cells_are_full() -> None:
    table = np.array([[40, 60, 30], [300, 500, 320]])
    assert homogeneity(*table, 0) == pytest.approx(stats.chi2_contingency(table)[:2])


def test_few_images_are_counted_as_fishers_exact_test_counts_them() -> None:
    """A table of 2 by 2 small cells; chi-square's own distribution says 0.007."""
    table = np.array([[4, 1], [1, 17]])
    _, counted = homogeneity(*table, 0)
    assert counted == pytest.approx(stats.fisher_exact(table).pvalue, abs=0.004)
    assert counted > 2 * stats.chi2_contingency(table, correction=False).pvalue


def test_dispersion_is_one_for_a_multinomial_and_that_of_a_dirichlet_law_otherwise() -> None:
    rng = np.random.default_rng(0)
    shares = np.array([0.5, 0.3, 0.2])
    plain = dispersion(1000, rng.multinomial(1000, shares, 400))
    assert plain.factor == pytest.approx(1, abs=0.15)
    assert plain.directions == pytest.approx(2, abs=0.2)
    nights = np.array([rng.multinomial(1000, rng.dirichlet(shares * 99)) for _ in range(400)])
    assert dispersion(1000, nights).factor == pytest.approx(1 + 999 / 100, rel=0.15)
    assert dispersion(100, nights).factor == pytest.approx(1 + 99 / 100, rel=0.15)


def test_one_product_in_surges_moves_the_mix_along_one_direction() -> None:
    nights = np.array([[100 + 40 * k, 200, 200] for k in (0, 3, 1, 5, 2)])
    assert dispersion(600, nights).directions == pytest.approx(1, abs=0.01)


def test_the_expected_range_of_a_share_holds_it_on_nineteen_nights_of_twenty() -> None:
    rng = np.random.default_rng(1)
    inside, small = [], []
    for _ in range(1500):
        counts = rng.binomial(300, rng.beta(12, 28, 9))
        change = share_change(int(counts[0]), 300, counts[1:], np.full(8, 300))
        inside.append(change.low <= change.share <= change.high)
        small.append(change.p_value < 0.01)
    assert np.mean(inside) == pytest.approx(0.95, abs=0.02)
    assert np.mean(small) == pytest.approx(0.01, abs=0.008)


def test_with_two_nights_the_range_is_wilsons_and_nothing_is_judged() -> None:
    change = share_change(9, 20, np.array([20, 20]), np.array([100, 100]))
    z, n = 1.96, 200
    centre = (0.2 + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(0.2 * 0.8 / n + z**2 / (4 * n**2))
    assert change.p_value is None
    assert (change.low, change.high) == pytest.approx((centre - half, centre + half), abs=1e-3)


def test_few_nights_are_at_most_watched_and_said_to_be_few() -> None:
    figures = judged({"p-a": 100, "p-b": 300, "p-c": 900}, [USUAL])
    assert figures[None].level is Level.WATCH
    assert "1 reference night that is not certain" in figures[None].words
    assert {figures[name].level for name in USUAL} == {Level.STEADY}
    assert judged({"p-a": 480, "p-b": 350, "p-c": 170}, [USUAL])[None].level is Level.STEADY


def wavering(rng: np.random.Generator, nights: int) -> list[dict[str, int]]:
    """Nights whose mix varies tenfold beyond a multinomial."""
    shares = np.array([*USUAL.values()]) / 1000
    drawn = [rng.multinomial(1000, rng.dirichlet(shares * 110)) for _ in range(nights)]
    return [dict(zip(USUAL, night.tolist(), strict=True)) for night in drawn]


def test_nights_that_vary_on_their_own_raise_no_alarm() -> None:
    """Twenty times thirty nights; a chi-square over pooled images calls most of them drifted."""
    rng, alarms, pooled = np.random.default_rng(2), [], 0
    for _ in range(20):
        reference = wavering(rng, 10)
        total = np.array([sum(n[name] for n in reference) for name in USUAL])
        alarms.append(0)
        for tonight in wavering(rng, 30):
            levels = [f.level for f in judged(tonight, reference).values()]
            alarms[-1] += levels.count(Level.DRIFTED)
            pooled += homogeneity(np.array([*tonight.values()]), total, 0)[1] < 0.001
    assert np.median(alarms) <= 1
    assert np.mean(alarms) < 1
    assert pooled > 250


def test_a_change_that_matters_is_found_among_such_nights() -> None:
    found = 0
    for seed in range(20):
        reference = wavering(np.random.default_rng(seed), 10)
        figures = judged({"p-a": 180, "p-b": 320, "p-c": 500}, reference)
        found += figures["p-a"].level is figures["p-c"].level is Level.DRIFTED
    assert found >= 18
    assert figures["p-c"].words.startswith("The share of p-c among the images went from 2")
    assert "% to 50 % (expected " in figures["p-c"].words


def test_a_pattern_that_appears_or_vanishes_is_drift() -> None:
    reference = wavering(np.random.default_rng(3), 10)
    new = judged({**USUAL, "p-new": 60}, reference)
    assert new["p-new"].level is Level.DRIFTED
    assert new["p-new"].low == pytest.approx(0, abs=1e-3)
    gone = judged({"p-a": 600, "p-b": 400}, reference)
    assert gone["p-c"].level is Level.DRIFTED
    assert gone["p-c"].value == 0


def test_the_order_of_patterns_and_nights_does_not_matter() -> None:
    reference = wavering(np.random.default_rng(4), 6)
    turned = [dict(reversed(night.items())) for night in reversed(reference)]
    one, other = compare_mix(USUAL, reference, 0), compare_mix(USUAL, turned, 0)
    assert [f.pattern for f in one] == [f.pattern for f in other]
    assert [f.p_value for f in one] == pytest.approx([f.p_value for f in other])
