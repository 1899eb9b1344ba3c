"""A few thumbnails in a row."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from dashboard.frame import View
from dashboard.pictures import layered


def pictures(view: View, hashes: Sequence[str], alt: str, across: int = 3) -> None:
    """Show the thumbnails of some images, `across` in a row; says so where one is gone."""
    columns = f"grid-template-columns:repeat({across},minmax(0,1fr))"
    tiles = "".join(f"<div>{tile(view, sha256, alt)}</div>" for sha256 in hashes[:across])
    st.html(f'<div class="tp-sheet" style="{columns}">{tiles}</div>')


def tile(view: View, sha256: str, alt: str, heat: bytes | None = None, opacity: float = 0.0) -> str:
    """Return a thumbnail as HTML, under its heat map if any; says so where it is gone."""
    picture = view.pictured(sha256)
    if picture is None:
        return f"<p>{escape(view.say('no_picture'))}</p>"
    return layered(picture, heat, opacity, alt)
