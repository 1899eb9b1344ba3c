"""Are the scores of a pattern distributed as on the reference nights?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from technopro.drift.chance import ENOUGH, TAIL, expected, from_others, of_night, of_shuffling
from technopro.drift.figure import Finding, Level
from technopro.drift.sample import checked, drawn
from technopro.errors import InputError

MOST = 2000  # images a side; more only make trifles significant
EXACT = 500  # images up to which Kolmogorov-Smirnov is computed exactly
SHUFFLES = 400
TRIFLE = 0.1  # of the reference spread: below it no difference is worth a word
VISIBLE = 0.5  # of the spread: asked where reference nights are too few to know what is usual


def compare_scores(
    pattern: str, tonight: np.ndarray, nights: Sequence[np.ndarray], seed: int
) -> Finding:
    """Compare (n,) scores of tonight with those of each reference night, any monotone real number.

    The value is the Wasserstein distance in units of the reference spread. It must be significant
    by images (Kolmogorov-Smirnov or shuffled Wasserstein, the smaller p-value twice) and further
    than the reference nights are from each other; the p-value is the larger of both. With fewer
    than ENOUGH nights only images are judged, VISIBLE is asked, and the level is at most `watch`.

    Raises InputError for an empty side and for values that are not finite.
    """
    now = _checked(tonight, "scores of tonight")
    then = [_checked(night, "scores of a reference night") for night in nights]
    if not then:
        raise InputError(f"expected at least one reference night of {pattern}, found none")
    pooled = np.concatenate(then)
    scale = spread(pooled, now)
    a, b = drawn(now, MOST, seed), drawn(pooled, MOST, seed + 1)
    distance = wasserstein(a, b) / scale
    shuffled = _shuffled(a, b, seed) / scale
    p_value = min(2 * min(_smirnov(a, b), of_shuffling(distance, shuffled)), 1.0)
    high = float(np.quantile(shuffled, 1 - TAIL))
    highest = _highest(distance, len(then))
    if len(then) >= ENOUGH:
        usual = [d / scale for d in _between(then, seed)]
        p_value = max(p_value, of_night(distance, usual))
        high = max(high, expected(usual))
    words = _words(pattern, distance, high, len(then))
    return Finding(
        "scores", pattern, "wasserstein", distance, p_value, 0.0, high, *words, highest=highest
    )


def wasserstein(a: np.ndarray, b: np.ndarray) -> float:
    """Return the area between the distribution functions of (n,) and (m,) values."""
    return float(stats.wasserstein_distance(a, b))


def spread(reference: np.ndarray, tonight: np.ndarray) -> float:
    """Return the spread of scores: half the width of the middle 68 %, which defects do not move.

    Where the middle is all alike it is the standard deviation of the reference, or of everything,
    or 1 where everything is alike.
    """
    low, high = np.quantile(reference, stats.norm.cdf([-1, 1]))
    both = np.concatenate([reference, tonight])
    least = 1e-9 * max(1.0, float(np.abs(both).max()))
    candidates = ((high - low) / 2, reference.std(), both.std(), 1.0)
    return float(next(value for value in candidates if value > least))


def _between(nights: Sequence[np.ndarray], seed: int) -> list[float]:
    fewer = [drawn(night, MOST, seed) for night in nights]
    return from_others(fewer, lambda one, others: wasserstein(one, drawn(others, MOST, seed)))


def _smirnov(a: np.ndarray, b: np.ndarray) -> float:
    method = "exact" if max(len(a), len(b)) <= EXACT else "asymp"
    return float(stats.ks_2samp(a, b, method=method).pvalue)


def _shuffled(a: np.ndarray, b: np.ndarray, seed: int) -> np.ndarray:
    """Wasserstein distances with the images shuffled between both sides: (SHUFFLES,)."""
    both = np.sort(np.concatenate([a, b]))
    gaps = np.diff(both)
    rng = np.random.default_rng([seed, 11])
    taken = np.arange(len(both)) < len(a)
    distances = np.empty(SHUFFLES)
    for i in range(SHUFFLES):
        mine = np.cumsum(rng.permutation(taken))[:-1]
        others = np.arange(1, len(both)) - mine
        distances[i] = np.abs(mine / len(a) - others / len(b)) @ gaps
    return distances


def _highest(distance: float, nights: int) -> Level:
    if nights >= ENOUGH:
        return Level.DRIFTED if distance >= TRIFLE else Level.STEADY
    return Level.WATCH if distance >= VISIBLE else Level.STEADY


def _words(pattern: str, distance: float, high: float, nights: int) -> tuple[str, str]:
    plural = "nights" if nights > 1 else "night"
    usual = f"Scores of {pattern} are as on the reference {plural}."
    changed = (
        f"Scores of {pattern} differ from the reference {plural} by {distance:.2f} of their spread "
        f"(expected up to {high:.2f})."
    )
    return usual, changed


def _checked(values: np.ndarray, what: str) -> np.ndarray:
    array = checked(values, 1, what)
    if len(array) == 0:
        raise InputError(f"expected {what}, found none: leave the pattern or the night out")
    return array
