"""Heat maps as small PNG files; needs no torch, so that the dashboard starts quickly."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from technopro.errors import TechnoproError


def encode_heat(heat: np.ndarray) -> bytes:
    """Return a map (h, w) in 0..1 as an 8-bit grey PNG; raises TechnoproError for another shape."""
    if heat.ndim != 2:
        raise TechnoproError(f"A heat map has 2 axes, found {heat.ndim}; encode one map at a time.")
    levels = np.rint(np.clip(heat, 0.0, 1.0) * 255.0).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(levels).save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def decode_heat(data: bytes) -> np.ndarray:
    """Return what `encode_heat` packed: (h, w) float32 in 0..1, within 1/510 of the original."""
    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(picture.convert("L"), dtype=np.float32) / np.float32(255.0)
