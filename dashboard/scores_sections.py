"""The parts of the scores page that are only shown: figures, tables, the other night."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from dashboard.frame import View
from dashboard.scores import DIGITS, Outcome
from dashboard.tables import html_table
from dashboard.translations import Language
from technopro.registry import ThresholdRow
from technopro.results import PatternNight

NARROWEST = 175  # pixels, into which every figure with its name fits


def figures(made: Outcome, own: Outcome, miss_cost: float, seconds: float, say: Language) -> None:
    """Show what the thresholds would have made of the night, and how that differs from it."""
    pairs = {
        "flagged": (made.flagged, own.flagged, 0),
        "review": (made.review, own.review, 0),
        "minutes": (made.minutes(seconds), own.minutes(seconds), 1),
        "misses": (made.misses, own.misses, 2),
        "alarms": (made.false_alarms, own.false_alarms, 2),
        "cost": (made.cost(miss_cost), own.cost(miss_cost), 2),
    }
    with st.grid(3, min_column_width=NARROWEST):
        for key, (now, before, digits) in pairs.items():
            st.metric(
                say(f"scores_{key}"), f"{now:,.{digits}f}", difference(now, before, digits),
                delta_color="off", delta_arrow="off", help=say(f"scores_{key}_help"), border=True,
                delta_description=say("scores_than_tonight"),
            )  # fmt: skip


def difference(now: float, before: float, digits: int) -> str:
    """Return how two figures differ as they are shown: "+3", "−0.4", "±0"."""
    apart = round(now, digits) - round(before, digits)
    if not round(apart, digits):
        return "±0"
    return f"{apart:+,.{digits}f}".replace("-", "−")


def history(rows: Sequence[ThresholdRow], view: View) -> str:
    """Return all thresholds that were ever set as an HTML table; what people wrote is escaped."""
    say = view.say
    heads = [("scores_since", ""), ("scores_until", ""), ("scores_defect_from", "tp-n"),
             ("scores_review_from", "tp-n"), ("scores_actor", ""), ("reason", "")]  # fmt: skip
    body = [
        [
            view.when(row.since),
            say("scores_lasts") if row.until is None else view.when(row.until),
            score(row.defect),
            score(row.review),
            row.actor,
            row.reason,
        ]
        for row in rows
    ]
    return _table(heads, body, say)


def compared(nights: Sequence[tuple[str, PatternNight]], say: Language) -> str:
    """Return nights of one pattern as an HTML table, each by what it is called."""
    heads = [("scores_night", ""), ("images", "tp-n"), ("scores_flagged", "tp-n"),
             ("defect_share", "tp-n"), ("interval", "tp-n"), ("scores_defect_from", "tp-n"),
             ("scores_review_from", "tp-n")]  # fmt: skip
    body = [
        [
            name,
            say.number(night.images),
            say.number(night.flagged),
            say.percent(night.defect_share.estimate) if night.separable else say("change_silent"),
            say.span(night.defect_share.low, night.defect_share.high),
            score(night.threshold) if night.separable else "–",
            score(night.review_threshold),
        ]
        for name, night in nights
    ]
    return _table(heads, body, say)


def score(value: float) -> str:
    """Return a threshold as text."""
    return f"{value:.{DIGITS}f}"


def _table(heads: list[tuple[str, str]], body: list[list[str]], say: Language) -> str:
    named = [(say(key), css) for key, css in heads]
    return html_table(named, [[escape(cell) for cell in row] for row in body])
