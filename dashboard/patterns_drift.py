"""What has changed tonight, pattern by pattern, in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from dashboard.frame import View
from dashboard.patterns import Standing, chip
from dashboard.tables import html_table
from dashboard.translations import Language
from technopro.drift.figure import DriftFigure, Level, compared

COLUMNS = {
    "drift_mix": ("share", "psi"),
    "drift_scores": ("wasserstein",),
    "drift_look": ("mmd2", "novel_share"),
    "drift_nights": ("trend",),
}  # of the table, with the statistics that stand there
LEVELS = list(Level)


def drift(view: View, standing: Standing) -> None:
    """Show the table, or say why there is nothing to compare."""
    st.subheader(view.say("drift_title"), anchor=False)
    if not standing.drift:
        st.write(view.say("drift_nothing"))
    elif not compared(standing.drift):
        st.write(view.say("drift_first"))
    else:
        st.caption(view.say("drift_caption"))
        st.html(drift_table(standing, view.say))


def drift_table(standing: Standing, say: Language) -> str:
    """Return a row for the night and for each pattern, the most changed first, as HTML."""
    by_name: dict[str | None, list[DriftFigure]] = {}
    for figure in standing.drift:
        by_name.setdefault(figure.pattern, []).append(figure)
    order = sorted(by_name, key=lambda name: (-_rank(by_name[name]), name is not None, name or ""))
    heads = [(say(key), "") for key in ("pattern", "drift_level", *COLUMNS)]
    rows = [
        _row(standing.called(name) if name else say("patterns_whole_night"), by_name[name], say)
        for name in order
    ]
    return html_table(heads, rows)


def told(figure: DriftFigure, say: Language) -> str:
    """Return a figure in a few words, with what is usual."""
    state = "steady" if figure.level is Level.STEADY else "changed"
    share = figure.statistic in ("share", "novel_share")

    def number(value: float) -> str:
        return say.percent(value) if share else f"{value:.3g}"

    words = say(f"drift_{figure.statistic}_{state}", value=number(figure.value))
    if figure.high is None:
        return words
    low = number(figure.low) if figure.statistic == "share" and figure.low is not None else None
    usual = say("usual_to", high=number(figure.high)) if low is None else say(
        "usual_between", low=low, high=number(figure.high)
    )  # fmt: skip
    return words if state == "steady" and not share else f"{words} {usual}"


def _row(name: str, figures: Sequence[DriftFigure], say: Language) -> list[str]:
    level = LEVELS[_rank(figures)]
    cells = [_cell([f for f in figures if f.statistic in own], say) for own in COLUMNS.values()]
    return [f"<b>{escape(name)}</b>", chip(level.value, say(f"level_{level.value}")), *cells]


def _cell(figures: Sequence[DriftFigure], say: Language) -> str:
    lines = [
        f'<span class="tp-muted">{escape(told(f, say))}</span>'
        if f.level is Level.STEADY
        else f"<b>{escape(told(f, say))}</b>"
        for f in figures
    ]
    words = "<br>".join(dict.fromkeys(lines)) or "–"
    return f'<div style="white-space:normal;min-width:6.5rem">{words}</div>'


def _rank(figures: Sequence[DriftFigure]) -> int:
    return max(LEVELS.index(figure.level) for figure in figures)
