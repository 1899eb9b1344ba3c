"""The chosen night on the report page: the printable page, and its first figures."""

from __future__ import annotations

from html import escape
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard.frame import View, literally
from dashboard.plant import FRESH_S
from dashboard.report import page_maker
from dashboard.tables import html_table
from dashboard.tonight import told_apart
from dashboard.translations import Language
from technopro.registry import NightRow
from technopro.report.facts import NightFacts, PatternFacts, gather


def night(view: View, chosen: NightRow) -> None:
    """Show what the printed page begins with, and offer the page."""
    say = view.say
    facts = _facts(view.plant.settings.resolved_database_url(), chosen.run_id, view)
    when = view.when(facts.judged_at)
    line = say("of_line", line=facts.line) if facts.line else ""
    st.html(f'<p class="tp-calm">{escape(say("report_of", when=when))} {escape(line)}</p>')
    _figures(facts, say)
    st.html(pattern_table(facts, say))
    day = facts.judged_at.astimezone(ZoneInfo(view.plant.settings.timezone)).date()
    st.download_button(
        say("download_page"), page_maker(view, chosen.run_id), f"night-{day}.html", "text/html",
        key="page", type="primary", on_click="ignore", help=say("download_page_help"),
    )  # fmt: skip


def _figures(facts: NightFacts, say: Language) -> None:
    share = facts.share
    shown = {
        "inspected": say.number(len(facts.scores)),
        "flagged": say.number(facts.flagged),
        "to_review": say.number(facts.to_review),
        "share_estimated": "–" if share is None else say.percent(share.estimate),
    }
    for column, (key, figure) in zip(st.columns(len(shown)), shown.items(), strict=True):
        column.metric(say(key), figure, border=True)
    words = "" if share is None else say("share_interval", interval=say.span(share.low, share.high))
    if facts.unseparable:
        words += " " + say("share_without", patterns=say("listed").join(facts.unseparable))
    if facts.corrected is not None and facts.corrected.estimate is not None:
        told = facts.corrected
        words += " " + say(
            "share_corrected", share=say.percent(facts.corrected.estimate),
            interval=say.span(told.low, told.high),
            looked=say.number(told.looked),
        )  # fmt: skip
    st.caption(literally(words))


def pattern_table(facts: NightFacts, say: Language) -> str:
    """Return the night by pattern as HTML; names given by people are escaped."""
    heads = [("pattern", ""), ("images", "tp-n"), ("flagged", "tp-n"), ("to_review", "tp-n"),
             ("defect_share", "tp-n"), ("interval", "tp-n"), ("separable", "")]  # fmt: skip
    named = [(say(key), css) for key, css in heads]
    return html_table(named, [_row(pattern, say) for pattern in facts.patterns])


def _row(pattern: PatternFacts, say: Language) -> list[str]:
    own, share = pattern.night, pattern.night.defect_share
    return [
        escape(pattern.title or own.pattern),
        say.number(own.images),
        say.number(own.flagged),
        say.number(pattern.to_review),
        f'<span class="tp-big">{say.percent(share.estimate) if own.separable else "–"}</span>',
        say.span(share.low, share.high),
        escape(say(f"separable_{told_apart(own)}")),
    ]


@st.cache_data(max_entries=8, ttl=FRESH_S, show_spinner=False)
def _facts(database_url: str, run_id: str, _view: View) -> NightFacts:
    with _view.session() as session:
        return gather(session, run_id)
