"""A night's finds in families by look: grey levels and gradients where the heat map is hottest.

Finds of one pattern are joined as long as they look alike (agglomerative clustering, average
linkage). What is compared does not change when a scratch is turned or moved, only with how bright,
how large, how rough and how line-like it is.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from technopro.explain.heat import decode_heat

SIDE = 64  # pixels of the place that is compared, in a thumbnail
LEVELS = (1, 5, 25, 50, 75, 95, 99)  # percentiles of the grey levels
BINS = 8  # of gradients, over half a turn
BLURS = (1, 2, 4)  # pixels, in which roughness is asked
APART = 0.4  # mean distance of descriptors from which two families look different
LEAST_SPREAD = 1.0  # grey levels; below it, a picture is flat


def hottest(heat: np.ndarray) -> tuple[float, float]:
    """Return where a map (h, w) is hottest, as shares (0 to 1) of its height and width."""
    row, column = np.unravel_index(int(np.argmax(heat)), heat.shape)
    return (float(row) + 0.5) / heat.shape[0], (float(column) + 0.5) / heat.shape[1]


def place(grey: np.ndarray, at: tuple[float, float] | None) -> np.ndarray:
    """Return the SIDE x SIDE pixels of (H, W) around `at`, moved inside; all of it without."""
    if at is None:
        return grey
    corners = []
    for share, size in zip(at, grey.shape, strict=True):
        corners.append(round(min(max(0.0, share * size - SIDE / 2), max(0, size - SIDE))))
    row, column = corners
    return grey[row : row + SIDE, column : column + SIDE]


def descriptor(thumbnail: bytes, heat: bytes | None) -> np.ndarray:
    """Return how a find looks as (18,) numbers, of a thumbnail (PNG) and its heat map, if any."""
    with Image.open(io.BytesIO(thumbnail)) as opened:
        grey = np.asarray(opened.convert("L"), dtype=float)  # (H, W)
    spread = max(LEAST_SPREAD, float(np.std(grey)))
    patch = place(grey, None if heat is None else hottest(decode_heat(heat))) - np.median(grey)
    patch = patch / spread
    levels = np.clip(np.percentile(patch, LEVELS) / 4, -1, 1)
    return np.concatenate([levels, _turns(patch), _roughness(patch)])


def families(descriptors: Sequence[np.ndarray], patterns: Sequence[str]) -> list[list[int]]:
    """Return groups of numbers of finds: the largest first, each in the finds' own order."""
    found: list[list[int]] = []
    for pattern in dict.fromkeys(patterns):
        own = [number for number, name in enumerate(patterns) if name == pattern]
        labels = _clustered(np.stack([descriptors[number] for number in own]))
        groups: dict[int, list[int]] = {}
        for number, label in zip(own, labels, strict=True):
            groups.setdefault(label, []).append(number)
        found += groups.values()
    return sorted(found, key=lambda group: (-len(group), group[0]))


def _clustered(points: np.ndarray) -> list[int]:
    if len(points) < 2:
        return [0] * len(points)
    from sklearn.cluster import AgglomerativeClustering  # a second to import

    cutting = AgglomerativeClustering(n_clusters=None, distance_threshold=APART, linkage="average")
    return [int(label) for label in cutting.fit_predict(points)]


def _turns(patch: np.ndarray) -> np.ndarray:
    """Return how gradients are spread over directions (BINS,), the strongest direction first."""
    if min(patch.shape) < 2:
        return np.zeros(BINS)
    down, right = np.gradient(patch)
    strength = np.hypot(down, right)
    direction = np.mod(np.arctan2(down, right), np.pi) / np.pi  # 0 to 1, over half a turn
    bins = np.minimum((direction * BINS).astype(int), BINS - 1)
    sums = np.bincount(bins.ravel(), strength.ravel(), minlength=BINS)
    total = sums.sum()
    if total <= 0:
        return np.zeros(BINS)
    return np.roll(sums / total, -int(np.argmax(sums)))


def _roughness(patch: np.ndarray) -> np.ndarray:
    """Return what of the grey levels' spread is left at each of BLURS, 0 to 1."""
    left = np.array([_blurred(patch, pixels).std() for pixels in BLURS])
    return left.clip(0, 2) / 2


def _blurred(patch: np.ndarray, pixels: int) -> np.ndarray:
    """Return the means of squares of so many pixels."""
    height, width = (size // pixels * pixels for size in patch.shape)
    squares = patch[:height, :width].reshape(height // pixels, pixels, width // pixels, pixels)
    return np.asarray(squares.mean(axis=(1, 3))) if squares.size else patch
