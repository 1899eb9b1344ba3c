"""Pictures of a pattern: the discrepancy by a double loop, and what it must and must not see."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from technopro.drift.control import settle
from technopro.drift.embedding import compare_embeddings, discrepancy, gaussian_kernel, principal
from technopro.drift.figure import DriftFigure, Level
from technopro.errors import InputError

RNG = np.random.default_rng(0)
WIDTHS = np.geomspace(0.01, 100, 12)  # channels of very different units


def night(rng: np.random.Generator, images: int = 50, shift: float = 0.0) -> np.ndarray:
    """Return (images, 12) embeddings under the light of one night."""
    return (rng.normal(size=(images, 12)) + shift + 0.1 * rng.normal(size=12)) * WIDTHS


def judged(tonight: np.ndarray, nights: list[np.ndarray], seed: int = 0) -> DriftFigure:
    return settle([compare_embeddings("p-a", tonight, nights, seed)])[0]


@pytest.mark.parametrize(
    ("tonight", "nights", "wrong"),
    [
        (np.zeros((0, 3)), [np.zeros((9, 3))], "at least 2"),
        (np.zeros((1, 3)), [np.zeros((9, 3))], "at least 2"),
        (np.zeros((9, 3)), [], "found 0 night"),
        (np.zeros((9, 3)), [np.zeros((9, 4))], "backbone"),
        (np.full((9, 3), np.nan), [np.zeros((9, 3))], "finite"),
        (np.zeros(9), [np.zeros((9, 3))], "dimension"),
    ],
    ids=["empty", "one image", "no night", "other backbone", "nan", "flat"],
)
def test_what_cannot_be_compared_is_refused(
    tonight: np.ndarray, nights: list[np.ndarray], wrong: str
) -> None:
    with pytest.raises(InputError, match=wrong):
        compare_embeddings("p-a", tonight, nights, 0)


def test_pictures_all_alike_are_steady() -> None:
    figure = judged(np.ones((20, 3)), [np.ones((20, 3))] * 4)
    assert (figure.level, figure.value, figure.p_value) == (Level.STEADY, 0, 1)


def test_a_channel_that_was_always_dark_and_is_not_tonight_is_drift() -> None:
    dark = [np.c_[RNG.normal(size=(40, 3)), np.zeros(40)] for _ in range(6)]
    assert judged(dark[0] + [0, 0, 0, 1], dark).level is Level.DRIFTED


def test_the_discrepancy_is_that_of_a_double_loop() -> None:
    a, b = RNG.normal(size=(9, 4)), RNG.normal(0.5, 1, size=(7, 4))
    z = principal(np.concatenate([a, b]))
    pairs = list(itertools.combinations(range(16), 2))
    width = np.median([((z[i] - z[j]) ** 2).sum() for i, j in pairs])

    def mean(left: range, right: range) -> float:
        kernel = [
            np.exp(-((z[i] - z[j]) ** 2).sum() / (2 * width)) for i in left for j in right if i != j
        ]
        return float(np.mean(kernel))

    x, y = range(9), range(9, 16)
    assert discrepancy(a, b, 0, 0)[0] == pytest.approx(mean(x, x) + mean(y, y) - 2 * mean(x, y))


def test_distances_survive_the_axes_where_all_are_kept() -> None:
    points = RNG.normal(size=(30, 5)) * WIDTHS[:5]
    z = (points - points.mean(0)) / points.std(0)
    assert gaussian_kernel(principal(points)) == pytest.approx(gaussian_kernel(z), abs=1e-3)
    assert principal(RNG.normal(size=(30, 50))).shape == (30, 16)


def test_shuffled_images_give_p_values_that_are_fair() -> None:
    """Without any night of its own, a p-value below 0.1 comes one time in ten."""
    rng = np.random.default_rng(1)
    figures = [
        compare_embeddings("p-a", rng.normal(size=(25, 30)), [rng.normal(size=(40, 30))], s)
        for s in range(150)
    ]
    assert np.mean([f.p_value < 0.1 for f in figures]) == pytest.approx(0.1, abs=0.06)
    assert np.mean([f.value for f in figures]) == pytest.approx(0, abs=0.002)


def test_one_night_is_at_most_watched() -> None:
    assert judged(night(RNG, shift=1.0), [night(RNG)]).level is Level.WATCH
    assert judged(night(RNG), [night(RNG)]).level is Level.STEADY


def test_restless_nights_raise_no_alarm_and_a_change_of_light_does() -> None:
    false, found = [], []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        nights = [night(rng) for _ in range(7)]
        false += [judged(night(rng), nights, seed).level is Level.DRIFTED for _ in range(4)]
        found.append(judged(night(rng, shift=1.0), nights, seed).level is Level.DRIFTED)
    assert np.mean(false) < 1 / 30
    assert np.mean(found) >= 0.9


def test_a_change_in_a_channel_of_small_numbers_is_seen() -> None:
    """The narrowest channel moves by three of its spreads, a hair in the unit of the widest."""
    nights = [night(RNG) for _ in range(10)]
    changed = night(RNG) + np.eye(12)[0] * 3 * WIDTHS[0]
    assert judged(changed, nights).level is Level.DRIFTED
    assert "look different" in judged(changed, nights).words


def test_the_order_of_images_does_not_matter() -> None:
    tonight, nights = night(RNG, 450, 0.2), [night(RNG, 450) for _ in range(3)]
    turned = [n[RNG.permutation(450)] for n in nights]
    one = compare_embeddings("p-a", tonight, nights, 0)
    assert compare_embeddings("p-a", tonight[::-1], turned, 0) == one
