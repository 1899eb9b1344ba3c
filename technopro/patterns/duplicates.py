"""Near-duplicates: the same part photographed, or stored, a second time.

One copy in each fold would let a part vouch for itself, so only the first is learned from; the
others are scored as every image is, by the parts that did not see the first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import imagehash
import numpy as np
from PIL import Image
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

HASH_SIDE = 16  # bits a side of the perceptual hash
CLOSE = 0.06  # share of differing bits below which two images may be the same photograph
SAME = 0.85  # correlation of what is left without the pattern's mean
PAIRS = 2**22  # images compared with others at once: 16 MB
Load = Callable[[str], np.ndarray]


def perceptual_hash(image: np.ndarray) -> np.ndarray:
    """Return the 256 bits of a (H, W, 3) uint8 image's perceptual hash."""
    return np.asarray(imagehash.phash(Image.fromarray(image), hash_size=HASH_SIDE).hash).ravel()


def near_duplicates(bits: np.ndarray, hashes: Sequence[str], load: Load) -> dict[int, int]:
    """Return, for each image that shows the same photograph as an earlier one, that one's index.

    `bits` are (N, 256); `load` gives an image as (H, W, 3). Hashes only propose: parts that lie
    alike under the camera have alike hashes, so what is left without their mean decides. Where more
    than half of the images seem to be copies, that is how the parts look, and none is one.
    """
    pairs = _close_pairs(bits)
    if not pairs:
        return {}
    mean = np.mean([_small(load(hashes[i])) for i in _some(len(hashes))], axis=0)
    alike = [
        (first, second)
        for first, second in pairs
        if _correlation(*(_small(load(hashes[i])) - mean for i in (first, second))) > SAME
    ]
    links = coo_array((np.ones(len(alike)), tuple(np.reshape(alike, (-1, 2)).T)), [len(bits)] * 2)
    _, group = connected_components(links, directed=False)
    first_of = {int(g): int(i) for i, g in reversed(list(enumerate(group)))}
    copies = {i: first_of[int(g)] for i, g in enumerate(group) if first_of[int(g)] != i}
    return copies if len(copies) <= len(bits) / 2 else {}


def _close_pairs(bits: np.ndarray) -> list[tuple[int, int]]:
    """Pairs of few differing bits: each image with the nearest of the others."""
    signs = np.where(bits, np.float32(1), np.float32(-1))
    found: set[tuple[int, int]] = set()
    rows_at_once = max(1, PAIRS // max(1, len(signs)))
    for start in range(0, len(signs), rows_at_once):
        agreement = signs[start : start + rows_at_once] @ signs.T
        agreement /= bits.shape[1]
        rows = np.arange(len(agreement))
        agreement[rows, start + rows] = -1.0
        nearest = agreement.argmax(1)
        close = 0.5 - 0.5 * agreement[rows, nearest] < CLOSE
        found |= {
            (min(r, n), max(r, n)) for r, n in zip(start + rows[close], nearest[close], strict=True)
        }
    return sorted((int(a), int(b)) for a, b in found)


def _some(count: int, most: int = 32) -> list[int]:
    return list(range(0, count, max(1, count // most)))


def _small(image: np.ndarray, side: int = 128) -> np.ndarray:
    grey = Image.fromarray(image).convert("L").resize((side, side), Image.Resampling.BOX)
    values = np.asarray(grey, np.float32)
    return np.asarray(values - values.mean())


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float((a * b).sum() / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-9))
