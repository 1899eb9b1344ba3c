"""A few thumbnails in a row."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.frame import View

ACROSS = 3


def pictures(view: View, hashes: Sequence[str], alt: str, across: int = ACROSS) -> None:
    """Show the thumbnails of some images, `across` in a row; says so where one is gone."""
    for column, sha256 in zip(st.columns(across), hashes[:across], strict=False):
        thumbnail = view.thumbnail(sha256)
        if thumbnail is None:
            column.write(view.say("no_picture"))
        else:
            column.image(thumbnail, width="stretch", output_format="PNG", alt=alt)
