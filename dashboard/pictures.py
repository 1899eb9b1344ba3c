"""A thumbnail with its heat map laid over it."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from technopro.explain.heat import TRUSTED, decode_heat, faithfulness_of

COLD = np.array((213.0, 94.0, 0.0))  # vermillion; both are colour-blind safe (Okabe & Ito)
HOT = np.array((255.0, 236.0, 90.0))  # yellow, lighter than any cold colour
QUALITY = 95  # of JPEG: a quarter of the time of PNG, and a tenth of the bytes
VISIBLE_FROM = 0.15  # heat below this is left clear, so that the surface stays readable


def overlay(picture: bytes, heat: bytes | None, opacity: float) -> bytes:
    """Return `picture` tinted where `heat` (grey PNG of any size) is high, as JPEG.

    `opacity` (0 to 1) is the tint's strength at the hottest place. Without heat or opacity the
    picture's own bytes come back.
    """
    if heat is None or opacity <= 0:
        return picture
    with Image.open(io.BytesIO(picture)) as opened:
        tinted = opened.convert("RGB")
    layer = _coloured(heat).resize(tinted.size, Image.Resampling.BICUBIC)
    mask = layer.getchannel("A").point(lambda alpha: round(alpha * opacity))
    tinted.paste(layer.convert("RGB"), mask=mask)
    buffer = io.BytesIO()
    tinted.save(buffer, "JPEG", quality=QUALITY, subsampling=0)
    return buffer.getvalue()


def tint(heat: bytes) -> bytes:
    """Return a heat map (grey PNG) in the colours of `overlay`, see-through where it is cold."""
    buffer = io.BytesIO()
    _coloured(heat).save(buffer, "PNG")
    return buffer.getvalue()


def _coloured(heat: bytes) -> Image.Image:
    warmth = decode_heat(heat)[..., None]
    alpha = np.clip((warmth - VISIBLE_FROM) / (1 - VISIBLE_FROM), 0, 1) * 255.0
    pixels = np.concatenate([COLD + warmth * (HOT - COLD), alpha], axis=2)
    return Image.fromarray(np.rint(pixels).astype(np.uint8), "RGBA")


def heat_note(heat: bytes | None) -> str | None:
    """Return the text's key that warns of a heat map, or of there being none; None where it holds.

    Of maps that nobody measured nothing is said.
    """
    if heat is None:
        return "no_heat"
    measured = faithfulness_of(heat)
    return "heat_doubtful" if measured is not None and measured < TRUSTED else None
