"""At which size a pattern is looked at: as near to its own as the budget allows."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

STEP = 32  # pixels; the coarsest stride of the backbones
SMALLEST, LARGEST = 224, 512  # side of a square picture, pixels
ENLARGE = 1.5  # fine texture is seen better by strides of 4 and 8 when enlarged
REDUCE = 0.5  # no further, a small defect would vanish, unless the picture has more than …
MOST_PIXELS = 2**20  # … then


def working_shape(height: int, width: int) -> tuple[int, int]:
    """Return the (height, width) at which images of this native size are looked at.

    Small images are enlarged to what the backbone was trained on, large ones reduced to what two
    cores manage; a strip is measured by the squares it is made of. The aspect is kept, and both
    sides are multiples of 32.
    """
    squares = max(1, round(max(height, width) / min(height, width)))
    side = math.sqrt(height * width / squares)
    scale = max(min(max(ENLARGE * side, SMALLEST), LARGEST) / side, REDUCE)
    scale = min(scale, math.sqrt(MOST_PIXELS / (height * width)))
    return _to_step(height * scale), _to_step(width * scale)


def _to_step(pixels: float) -> int:
    return max(STEP, round(pixels / STEP) * STEP)


def resize(image: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return a (H, W, 3) uint8 image at `shape` (height, width), anti-aliased when reduced."""
    height, width = shape
    if image.shape[:2] == shape:
        return image
    return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BICUBIC))
