"""Near-duplicates: the same part photographed, or stored, a second time.

One copy in each fold would let a part vouch for itself, so only the first is learned from and the
others take over what it scored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import imagehash
import numpy as np
from PIL import Image

HASH_SIDE = 16  # bits a side of the perceptual hash
CLOSE = 0.06  # share of differing bits below which two images may be the same photograph
SAME = 0.85  # correlation of what is left without the pattern's mean
Load = Callable[[str], np.ndarray]


def perceptual_hash(image: np.ndarray) -> np.ndarray:
    """Return the 256 bits of a (H, W, 3) uint8 image's perceptual hash."""
    return np.asarray(imagehash.phash(Image.fromarray(image), hash_size=HASH_SIDE).hash).ravel()


def near_duplicates(bits: np.ndarray, hashes: Sequence[str], load: Load) -> dict[int, int]:
    """Return, for each image that shows the same photograph as an earlier one, that one's index.

    `bits` are (N, 256); `load` gives an image as (H, W, 3). Hashes only propose: parts that lie
    alike under the camera have alike hashes, so what is left without their mean decides.
    """
    pairs = _close_pairs(bits)
    if not pairs:
        return {}
    mean = np.mean([_small(load(hashes[i])) for i in _some(len(hashes))], axis=0)
    same: dict[int, int] = {}
    for first, second in pairs:
        if second in same or first in same:
            continue
        own = [_small(load(hashes[i])) - mean for i in (first, second)]
        if _correlation(*own) > SAME:
            same[second] = first
    return same


def _close_pairs(bits: np.ndarray, most: int = 2000) -> list[tuple[int, int]]:
    """Pairs of few differing bits, the closest first, at most `most`."""
    signs = np.where(bits, 1.0, -1.0).astype(np.float32)
    found: list[tuple[float, int, int]] = []
    for start in range(0, len(signs), 1024):
        differing = 0.5 - 0.5 * (signs[start : start + 1024] @ signs.T) / bits.shape[1]
        rows, columns = np.nonzero(differing < CLOSE)
        for r, c in zip(rows.tolist(), columns.tolist(), strict=True):
            if c > r + start:
                found.append((float(differing[r, c]), r + start, c))
    return [(a, b) for _, a, b in sorted(found)[:most]]


def _some(count: int, most: int = 32) -> list[int]:
    return list(range(0, count, max(1, count // most)))


def _small(image: np.ndarray, side: int = 128) -> np.ndarray:
    grey = Image.fromarray(image).convert("L").resize((side, side), Image.Resampling.BOX)
    values = np.asarray(grey, np.float32)
    return np.asarray(values - values.mean())


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float((a * b).sum() / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-9))
