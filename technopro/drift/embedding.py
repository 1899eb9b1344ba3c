"""Do the pictures of a pattern look as on the reference nights?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import linalg
from scipy.spatial.distance import pdist, squareform

from technopro.drift.chance import (
    ENOUGH,
    TAIL,
    expected,
    from_others,
    of_night,
    of_shuffling,
)
from technopro.drift.figure import Finding, Level
from technopro.drift.sample import checked, drawn
from technopro.errors import InputError
from technopro.patterns.discover import COMPONENTS

MOST = 400  # images a side
SHUFFLES = 500
VISIBLE = 0.05  # MMD² asked where reference nights are too few to know what is usual


def compare_embeddings(
    pattern: str, tonight: np.ndarray, nights: Sequence[np.ndarray], seed: int
) -> Finding:
    """Compare (n, C) embeddings of tonight with those of each reference night.

    The value is the squared maximum mean discrepancy, unbiased, so about 0 where nothing changed
    and at most 2. It must be significant by shuffled images and larger than between the reference
    nights themselves; the p-value is the larger of both. With fewer than ENOUGH nights only images
    are judged, VISIBLE is asked, and the level is at most `watch`.

    Raises InputError for sides of fewer than two images, of different channels, or not finite.
    """
    now, then = _checked(tonight), [_checked(night) for night in nights]
    channels = {points.shape[1] for points in (now, *then)}
    if not then or len(channels) > 1:
        raise InputError(
            f"expected reference nights of {pattern} with the channels of tonight, found "
            f"{len(then)} night(s) and channels {sorted(channels)}: compare within one backbone"
        )
    then = [drawn(night, MOST, seed) for night in then]  # a large night weighs no more than others
    a, b = drawn(now, MOST, seed), drawn(np.concatenate(then), MOST, seed + 1)
    value, shuffled = discrepancy(a, b, SHUFFLES, seed)
    p_value = of_shuffling(value, shuffled)
    high = float(np.quantile(shuffled, 1 - TAIL))
    highest = Level.WATCH if value >= VISIBLE else Level.STEADY
    if len(then) >= ENOUGH:
        usual = _between(then, seed)
        p_value = max(p_value, of_night(_root(value), usual))
        high = max(high, expected(usual) ** 2)
        highest = Level.DRIFTED
    words = _words(pattern, value, high, len(then))
    return Finding(
        "embedding", pattern, "mmd2", value, p_value, None, high, *words, highest=highest
    )


def discrepancy(a: np.ndarray, b: np.ndarray, shuffles: int, seed: int) -> tuple[float, np.ndarray]:
    """Return MMD² of (n, C) and (m, C) points, and (shuffles,) of the same points shuffled.

    Unbiased estimator with a Gaussian kernel, its width the median distance (Gretton et al. 2012,
    JMLR 13:723, lemma 6 and section 8).
    """
    n, m = len(a), len(b)
    kernel = gaussian_kernel(principal(np.concatenate([a, b])))
    rng = np.random.default_rng([seed, 13])
    first = np.arange(n + m) < n
    sides = np.stack([first, *(rng.permutation(first) for _ in range(shuffles))], 1).astype(float)
    own = kernel @ sides
    within = (sides * own).sum(0)
    across = own.sum(0) - within
    other = kernel.sum() - within - 2 * across
    values = within / (n * (n - 1)) + other / (m * (m - 1)) - 2 * across / (n * m)
    return float(values[0]), values[1:]


def principal(points: np.ndarray) -> np.ndarray:
    """Standardise (N, C) points and keep the leading principal components: (N, at most 16).

    Tonight and the reference are standardised together. Axes fitted on one side alone would fit its
    noise, tell both sides apart for that, and the shuffled images would not be alike any more.
    """
    z = (points - points.mean(0)) / (points.std(0) + 1e-6)
    channels = z.shape[1]
    leading = (max(channels - COMPONENTS, 0), channels - 1)
    axes = linalg.eigh(z.T @ z, subset_by_index=leading)[1]
    return np.asarray(z @ axes)


def gaussian_kernel(points: np.ndarray) -> np.ndarray:
    """Return exp(-d² / 2 s²), s the median distance, with a diagonal of zero: (N, N)."""
    squared = pdist(points, "sqeuclidean")
    width = float(np.median(squared)) or float(squared.mean()) or 1.0
    return np.asarray(squareform(np.exp(-squared / (2 * width))))


def _between(nights: Sequence[np.ndarray], seed: int) -> list[float]:
    """Distance of every reference night from the others, with as many images as tonight's."""

    def distance(one: np.ndarray, others: np.ndarray) -> float:
        return _root(discrepancy(one, drawn(others, MOST, seed), 0, seed)[0])

    return from_others(nights, distance)


def _root(squared: float) -> float:
    """A distance; the unbiased square is below zero half of the time where nothing differs."""
    return float(np.sqrt(max(squared, 0.0)))


def _words(pattern: str, value: float, high: float, nights: int) -> tuple[str, str]:
    plural = "nights" if nights > 1 else "night"
    usual = f"Pictures of {pattern} look as on the reference {plural}."
    changed = (
        f"Pictures of {pattern} look different from the reference {plural}: difference "
        f"{value:.3f}, expected up to {high:.3f}."
    )
    return usual, changed


def _checked(points: np.ndarray) -> np.ndarray:
    array = checked(points, 2, "embeddings")
    if len(array) < 2:
        raise InputError(f"expected embeddings of at least 2 images, found {len(array)}")
    return array
