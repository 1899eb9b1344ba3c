"""Heat maps as small PNG files; needs no torch, so that the dashboard starts quickly.

How faithful a map is (see `technopro.explain.faithful`) goes with it as a text of the PNG.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from technopro.errors import TechnoproError

TRUSTED = 0.95  # faithfulness from which a map is shown without a warning
FAITHFULNESS = "faithfulness"  # name of the PNG's text


def encode_heat(heat: np.ndarray, faithfulness: float | None = None) -> bytes:
    """Return a map (h, w) in 0..1 as an 8-bit grey PNG; raises TechnoproError for another shape."""
    if heat.ndim != 2:
        raise TechnoproError(f"A heat map has 2 axes, found {heat.ndim}; encode one map at a time.")
    levels = np.rint(np.clip(heat, 0.0, 1.0) * 255.0).astype(np.uint8)
    buffer = io.BytesIO()
    told = PngInfo()
    if faithfulness is not None:
        told.add_text(FAITHFULNESS, f"{faithfulness:.3f}")
    Image.fromarray(levels).save(buffer, format="PNG", optimize=True, pnginfo=told)
    return buffer.getvalue()


def decode_heat(data: bytes) -> np.ndarray:
    """Return what `encode_heat` packed: (h, w) float32 in 0..1, within 1/510 of the original."""
    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(picture.convert("L"), dtype=np.float32) / np.float32(255.0)


def faithfulness_of(data: bytes) -> float | None:
    """Return how faithful a packed map is, 0 to 1; None where nobody measured it."""
    with Image.open(io.BytesIO(data)) as picture:
        told = picture.info.get(FAITHFULNESS)
    return None if told is None else float(told)
