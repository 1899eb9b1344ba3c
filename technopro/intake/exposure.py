"""How a picture was taken, told from its pixels: light, contrast, sharpness, clipping.

Each is measured in sixteen blocks, and what half of the blocks have counts: a defect changes some
blocks, a fault of the camera all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, fields
from typing import Any

import numpy as np

BLOCKS = 4  # a side
BLACK, WHITE = 3, 252  # grey levels at which a pixel counts as clipped


@dataclass(frozen=True)
class Exposure:
    """Medians over the blocks of a picture."""

    brightness: float  # mean grey level, 0 to 255
    contrast: float  # standard deviation, grey levels
    detail: float  # mean size of the second difference, grey levels
    clipped: float  # share of pixels that are black or white


def expose(image: np.ndarray) -> Exposure:
    """Measure a (H, W, 3) uint8 image by its green channel, the one most like its luminance."""
    grey = image[..., 1].astype(np.float32)
    second = np.zeros_like(grey)
    second[1:-1, 1:-1] = np.abs(
        4 * grey[1:-1, 1:-1] - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:]
    )
    clipped = ((grey <= BLACK) | (grey >= WHITE)).astype(np.float32)
    return Exposure(
        _median(grey, np.mean), _median(grey, np.std), _median(second, np.mean),
        _median(clipped, np.mean),
    )  # fmt: skip


def _median(values: np.ndarray, figure: Callable[[np.ndarray], Any]) -> float:
    rows = np.array_split(values, BLOCKS, axis=0)
    blocks = [block for row in rows for block in np.array_split(row, BLOCKS, axis=1)]
    return float(np.median([figure(block) for block in blocks if block.size]))


def exposure_table(exposures: Sequence[Exposure]) -> dict[str, np.ndarray]:
    """Return the figures of many pictures by name: (N,) each."""
    table = np.array([astuple(e) for e in exposures], np.float64).reshape(-1, 4)
    return {field.name: column for field, column in zip(fields(Exposure), table.T, strict=True)}
