"""Two kinds of chance: which images came, and which night it was.

Nights differ for harmless reasons (light, material, shift), by more than the images drawn from one
of them. With ten thousand images every such difference is significant. So tonight counts as
different only if it is further from the reference nights than these are from each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy import stats

ENOUGH = 3  # reference nights below which their own spread is not known
TAIL = 0.05  # outside the range that is called expected
COUNTED = 10  # shuffles beyond a value that are enough to count instead of fitting a tail


def of_shuffling(value: float, shuffled: np.ndarray) -> float:
    """Return the p-value of a statistic against its values with the images shuffled.

    Where too few of them lie beyond the value to be counted, their upper tail is that of a Pearson
    type III density with the same three moments (Minas and Montana 2014, Bioinformatics 30:i556,
    do so for distances), so that a small p-value does not take a hundred thousand shuffles.
    """
    beyond = int((shuffled >= value).sum())
    spread = float(shuffled.std())
    counted = (1 + beyond) / (1 + len(shuffled))
    if beyond >= COUNTED or spread <= 1e-12 * max(1.0, abs(value)):
        return counted
    skew = max(float(stats.skew(shuffled)), 0.0)
    return float(min(stats.pearson3.sf(value, skew, float(shuffled.mean()), spread), counted))


def of_night(distance: float, usual: Sequence[float]) -> float:
    """Return the p-value of a distance from the reference, given that of each reference night.

    `usual` holds the distance of every night from the others. Its root mean square is a standard
    deviation with K - 1 degrees of freedom, and tonight's distance is compared with it by Student's
    t, both sides. That is exact for nights that differ along one direction and careful for nights
    that differ along several, which would make large distances rarer than assumed.
    """
    if distance <= 0:
        return 1.0
    size = root_mean_square(usual)
    ratio = distance / size if size > 0 else np.inf
    return float(2 * stats.t.sf(ratio, len(usual) - 1))


def expected(usual: Sequence[float]) -> float:
    """Return the distance that tonight stays below on 19 nights of 20."""
    return float(stats.t.isf(TAIL / 2, len(usual) - 1) * root_mean_square(usual))


def from_others(
    nights: Sequence[np.ndarray], distance: Callable[[np.ndarray, np.ndarray], float]
) -> list[float]:
    """Return the distance of each night's values from those of all the others."""
    rest = [np.concatenate([*nights[:k], *nights[k + 1 :]]) for k in range(len(nights))]
    return [distance(night, others) for night, others in zip(nights, rest, strict=True)]


def root_mean_square(values: Sequence[float]) -> float:
    """Return the size of distances around zero."""
    return float(np.sqrt(np.mean(np.square(values))))
