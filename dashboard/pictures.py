"""Thumbnails with their heat maps laid over them, as HTML: the browser mixes the two."""

from __future__ import annotations

import base64
import io
from html import escape

import numpy as np
import streamlit as st
from PIL import Image

from technopro.explain.heat import TRUSTED, decode_heat, faithfulness_of

COLD = np.array((213.0, 94.0, 0.0))  # vermillion; both are colour-blind safe (Okabe & Ito)
HOT = np.array((255.0, 236.0, 90.0))  # yellow, lighter than any cold colour
QUALITY = 92  # of JPEG: a fifth of the bytes of PNG
KEPT = 1024  # tinted heat maps in memory, a few kB each
VISIBLE_FROM = 0.15  # heat below this is left clear, so that the surface stays readable


def layered(picture: str, heat: bytes | None, opacity: float, alt: str) -> str:
    """Return the picture at an address, tinted where `heat` is high, as HTML.

    `heat` is a grey PNG of any size; `opacity` (0 to 1) is the tint's strength where it is
    hottest.
    """
    over = ""
    if heat is not None and opacity > 0:
        over = f'<img class="tp-heat" style="opacity:{opacity:g}" alt="" src="{_tinted(heat)}">'
    words = escape(alt, quote=True)
    return f'<div class="tp-pic"><img alt="{words}" src="{picture}">{over}</div>'


def tint(heat: bytes) -> bytes:
    """Return a heat map (grey PNG) in colours (PNG), see-through where it is cold."""
    warmth = decode_heat(heat)[..., None]
    alpha = np.clip((warmth - VISIBLE_FROM) / (1 - VISIBLE_FROM), 0, 1) * 255.0
    pixels = np.concatenate([COLD + warmth * (HOT - COLD), alpha], axis=2)
    buffer = io.BytesIO()
    Image.fromarray(np.rint(pixels).astype(np.uint8), "RGBA").save(buffer, "PNG")
    return buffer.getvalue()


def heat_note(heat: bytes | None) -> str | None:
    """Return the text's key that warns of a heat map, or of there being none; None where it holds.

    Of maps that nobody measured nothing is said.
    """
    if heat is None:
        return "no_heat"
    measured = faithfulness_of(heat)
    return "heat_doubtful" if measured is not None and measured < TRUSTED else None


def address_of(data: bytes, kind: str) -> str:
    """Return an address that holds a picture of this kind, `png` or `jpeg`."""
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def light(picture: bytes) -> str:
    """Return an address that holds a picture as JPEG."""
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as opened:
        opened.convert("RGB").save(buffer, "JPEG", quality=QUALITY, subsampling=0)
    return address_of(buffer.getvalue(), "jpeg")


@st.cache_data(max_entries=KEPT, show_spinner=False)
def _tinted(heat: bytes) -> str:
    return address_of(tint(heat), "png")
