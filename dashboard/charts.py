"""The colours of all drawings, safe for colour-blind eyes, and how an Altair chart is shown."""

from __future__ import annotations

import altair as alt
import streamlit as st

OK, REVIEW, DEFECT = "#5b8db8", "#e69f00", "#d55e00"  # Okabe & Ito
ABSTAINED = "#8a9299"
BINS = 40  # that scores are counted in
INK = {"light": "#4c525a", "dark": "#b4bbc3"}  # of words: Streamlit's own grey is too pale to read


def show_chart(chart: alt.Chart | alt.LayerChart | alt.FacetChart, words: str) -> None:
    """Show a chart with legible axes; `words` stand for it where it cannot be seen."""
    ink = INK["dark" if st.context.theme.type == "dark" else "light"]
    legible = (
        chart.configure_axis(labelColor=ink, titleColor=ink)
        .configure_legend(labelColor=ink)
        .configure_title(color=ink)
    )
    st.altair_chart(legible, alt=words)
