"""Do the pictures of a pattern change a little every night?

A slow drift hides from the comparison of tonight with the nights before: it is in them too, and
widens what is taken for usual. It shows in their order: nights differ the more the further apart.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from technopro.drift.chance import of_shuffling
from technopro.drift.embedding import VISIBLE, gaussian_kernel, principal
from technopro.drift.figure import Finding, Level
from technopro.drift.sample import drawn

FEWEST_NIGHTS = 7  # whose order can be told from chance
MOST = 100  # images a night
SHUFFLES = 999


def find_trend(pattern: str, nights: Sequence[np.ndarray], seed: int) -> Finding:
    """Compare (n, C) embeddings of the nights with their order in time, oldest first, tonight last.

    The p-value is that of a Mantel test (Mantel 1967, Cancer Research 27:209): the correlation of
    the squared maximum mean discrepancy between two nights with the time between them, against
    shuffled nights. It is valid however much nights differ, as long as that has no order. The
    value is the discrepancy between the first and the last third; below VISIBLE the level is at
    most `watch`. Give FEWEST_NIGHTS or more, of two images at least.
    """
    squared = discrepancies([drawn(night, MOST, seed) for night in nights])
    third = len(nights) // 3
    value = float(between(squared, np.arange(third), np.arange(len(nights) - third, len(nights))))
    correlation, shuffled = _mantel(squared, seed)
    usual = f"Pictures of {pattern} do not change from night to night."
    changed = (
        f"Pictures of {pattern} have changed little by little over {len(nights)} nights: the "
        f"last differ from the first by {value:.2f} on a scale to 2; {VISIBLE} counts as visible."
    )
    return Finding(
        "embedding", pattern, "trend", value, of_shuffling(correlation, shuffled), None, None,
        usual, changed, highest=Level.DRIFTED if value >= VISIBLE else Level.WATCH,
    )  # fmt: skip


def discrepancies(nights: Sequence[np.ndarray]) -> np.ndarray:
    """Return MMD² between every two of K nights, unbiased, one kernel for all: (K, K)."""
    sizes = np.array([len(night) for night in nights])
    member = np.repeat(np.eye(len(nights)), sizes, axis=0)
    sums = member.T @ gaussian_kernel(principal(np.concatenate(nights))) @ member
    means = sums / np.outer(sizes, sizes)
    within = np.diag(sums) / (sizes * (sizes - 1))
    return np.asarray(within[:, None] + within[None, :] - 2 * means) * (1 - np.eye(len(nights)))


def between(squared: np.ndarray, first: np.ndarray, last: np.ndarray) -> float:
    """Return MMD² between two groups of nights, without what nights of one group differ by."""
    across = squared[np.ix_(first, last)].mean()
    return float(across - 0.5 * (_within(squared, first) + _within(squared, last)))


def _within(squared: np.ndarray, group: np.ndarray) -> float:
    """Return the mean over pairs of different nights of a group."""
    count = len(group)
    return float(squared[np.ix_(group, group)].sum() / (count * (count - 1)))


def _mantel(squared: np.ndarray, seed: int) -> tuple[float, np.ndarray]:
    """Return the correlation of distance with time, and (SHUFFLES,) of shuffled nights."""
    count = len(squared)
    one, other = np.triu_indices(count, 1)
    apart = (other - one) - (other - one).mean()
    values = squared[one, other]
    scale = float(np.sqrt((apart**2).sum() * ((values - values.mean()) ** 2).sum())) or 1.0
    rng = np.random.default_rng([seed, 17])
    orders = np.stack([np.arange(count), *(rng.permutation(count) for _ in range(SHUFFLES))])
    all_values = squared[orders[:, one], orders[:, other]] @ apart / scale
    return float(all_values[0]), all_values[1:]
