"""The colours of all drawings, safe for colour-blind eyes, what HTML drawings share, and how an
Altair chart is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import altair as alt
import streamlit as st

OK, REVIEW, DEFECT = "#5b8db8", "#e69f00", "#d55e00"  # Okabe & Ito
ABSTAINED = "#8a9299"
BINS = 40  # that scores are counted in
INK = {"light": "#4c525a", "dark": "#b4bbc3"}  # of words: Streamlit's own grey is too pale to read


def gridlines(label: Callable[[float], str]) -> str:
    """Return the lines at half and at the whole of an HTML drawing's height, with their labels."""
    return "".join(
        f'<div class="tp-up" style="top:{100 - 100 * part:.0f}%">'
        f"<span>{escape(label(part))}</span></div>"
        for part in (0.5, 1.0)
    )


def show_chart(chart: alt.Chart | alt.LayerChart | alt.FacetChart, words: str) -> None:
    """Show a chart with legible axes; `words` stand for it where it cannot be seen."""
    ink = INK["dark" if st.context.theme.type == "dark" else "light"]
    legible = (
        chart.configure_axis(labelColor=ink, titleColor=ink)
        .configure_legend(labelColor=ink)
        .configure_title(color=ink)
    )
    st.altair_chart(legible, alt=words)
