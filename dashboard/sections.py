"""The parts of the morning page, from top to bottom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from html import escape

import pandas as pd
import streamlit as st
from sqlalchemy.orm import Session

from dashboard.charts import axis_end
from dashboard.frame import View, doing
from dashboard.histogram import CSS as HISTOGRAM_CSS
from dashboard.histogram import score_histogram
from dashboard.plant import FRESH_S
from dashboard.runs import newest_inspection, now, shown_state
from dashboard.tables import html_table
from dashboard.told_alerts import told
from dashboard.tonight import PatternTonight, State, Tonight, told_apart
from dashboard.tonight_look import (
    alert_words,
    as_list,
    banner,
    differences,
    interval,
    pattern_table,
    since,
)
from dashboard.translations import Language
from technopro import registry
from technopro.registry import AlertRow
from technopro.registry.calibrated import judged_scores


def before_the_first(view: View) -> None:
    """Say that the first run goes on, or did not finish; nothing where there was none."""
    with view.session() as session:
        run = newest_inspection(session)
    shown = None if run is None else shown_state(run, now())
    if run is None or shown == "completed":
        return
    key, show = ("running", st.info) if shown == "running" else ("failed", st.warning)
    show(view.say(f"latest_{key}", when=view.when(run.started_at)))


def answer(view: View, tonight: Tonight, state: State) -> None:
    """Say first whether the night was fine, then in one calm sentence what happened."""
    say = view.say
    st.html(banner(view, tonight, state))
    summary = say(
        "summary",
        images=say.count("images_count", tonight.night.images),
        patterns=say.count("patterns_count", len(tonight.patterns)),
        flagged=say.number(tonight.flagged),
        review=say.number(_to_review(view, tonight)),
        usable=say(
            "usable_not" if tonight.unjudged else "usable_all", n=say.number(tonight.unjudged)
        ),
    )
    st.html(f'<p class="tp-calm">{escape(summary)}</p>')


def numbers(view: View, tonight: Tonight) -> None:
    """Show the four figures that matter, large."""
    say = view.say
    figures = {
        "flagged": tonight.flagged,
        "to_review": _to_review(view, tonight),
        "inspected": tonight.night.images,
        "quarantined": tonight.unjudged,
    }
    columns = st.columns(len(figures))
    for column, (key, figure) in zip(columns, figures.items(), strict=True):
        column.metric(say(key), say.number(figure), help=say(f"{key}_help"), border=True)


def news(view: View, tonight: Tonight) -> None:
    """Show what is open beside why this night differs from the one before."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        alerts(view, tonight)
    with right:
        st.subheader(view.say("differs_title"), anchor=False)
        lines = differences(view, tonight)
        if lines:
            st.html(as_list(lines))
        else:
            st.write(_as_before(view, tonight))


def _as_before(view: View, tonight: Tonight) -> str:
    """Say that nothing is new, as far as it is known."""
    if tonight.before is None:
        return view.say("differs_first")
    return view.say("differs_nothing" if tonight.compared else "differs_unknown")


def alerts(view: View, tonight: Tonight) -> None:
    """List what is open, the gravest first, each with a button to say it was seen."""
    say = view.say
    st.subheader(say("alerts_title"), anchor=False)
    if not tonight.newest:
        st.write(say("alerts_of_newest"))
    elif not tonight.alerts:
        st.write(say("alerts_none"))
    else:
        st.caption(say("alerts_stay"))
        with st.container(border=True, gap="xsmall"):
            for alert in tonight.alerts:
                _alert(view, alert, tonight.names, since(alert, tonight, view.say, view.when))


def _alert(view: View, alert: AlertRow, titles: Mapping[str, str], when: str) -> None:
    may = view.user.may("reviewer")
    with st.container(horizontal=True, vertical_alignment="center", wrap=False):
        st.html(
            alert_words(
                view,
                alert.level,
                told(alert, titles, view.say),
                when,
            )
        )
        st.button(
            view.say("alert_seen"), key=f"seen-{alert.topic}-{alert.raised_at}", width="content",
            disabled=not may, help=view.say("alert_seen_help" if may else "needs_reviewer"),
            on_click=doing, args=(partial(seen, view, alert),),
        )  # fmt: skip


def seen(view: View, alert: AlertRow) -> str:
    """Close an alert that somebody has seen to; returns what to say."""

    def act(session: Session, actor: str) -> None:
        registry.close_alert(session, alert.topic, actor=actor)

    view.change("reviewer", act)
    return view.say("alert_closed")


def patterns(view: View, tonight: Tonight) -> None:
    """Show every pattern's defect share beside what is usual for it."""
    say = view.say
    st.subheader(say("patterns_title"), anchor=False)
    st.caption(say("patterns_caption"))
    if not tonight.patterns:
        st.write(say("no_images"))
        return
    st.html(pattern_table(view, tonight))
    for apart, key in (("no", "not_separable_note"), ("weak", "weak_note")):
        named = [p.name for p in tonight.patterns if told_apart(p.night) == apart]
        if named:
            note = say(key, patterns=say("listed").join(named))
            st.html(f'<p class="tn-note">{escape(note)}</p>')


def quality(view: View, tonight: Tonight) -> None:
    """Draw the shares with their intervals, beside how good the judgement is."""
    if not tonight.patterns:
        return
    st.subheader(view.say("quality_title"), anchor=False)
    st.html(quality_table(tonight.patterns, view.say))


def quality_table(patterns: Sequence[PatternTonight], say: Language) -> str:
    """Return how good the judgement of every pattern is, as HTML, with its share's interval."""
    heads = [("pattern", ""), ("separable", ""), ("quality", "tp-n"), ("threshold", "tp-n"),
             ("review_threshold", "tp-n")]  # fmt: skip
    top = axis_end(max(p.night.defect_share.high for p in patterns))
    drawn = (say("share_drawn", top=say.percent(top)), "tn-wide")
    rows = [
        [escape(p.name), interval(n.defect_share, top, n.separable, say),
         escape(say(f"separable_{told_apart(n)}")),
         f"{n.quality.estimate:.2f} ({n.quality.low:.2f} – {n.quality.high:.2f})",
         f"{n.threshold:.3f}" if n.separable else "–", f"{n.review_threshold:.3f}"]
        for p, n in ((p, p.night) for p in patterns)
    ]  # fmt: skip
    name, *others = ((say(key), css) for key, css in heads)
    return html_table([name, drawn, *others], rows)


def histograms(view: View, tonight: Tonight) -> None:
    """Show the scores of every pattern with its threshold and review band."""
    say, scores = view.say, scores_of(view, tonight)
    st.subheader(say("scores_title"), anchor=False)
    st.caption(say("scores_caption"))
    drawn = []
    for one in tonight.patterns:
        own = scores.loc[scores["pattern"] == one.night.pattern, "score"].to_numpy(dtype=float)
        drawn.append(f"<div><b>{escape(one.name)}</b>{score_histogram(own, one.night, say)}</div>")
    st.html(f'{HISTOGRAM_CSS}<div class="tn-side-by-side">{"".join(drawn)}</div>')


def quarantine(view: View, tonight: Tonight) -> None:
    """List the files that could not be read, and the pictures that show no part, and why."""
    say = view.say
    st.subheader(say("quarantine_title"), anchor=False)
    if not tonight.unjudged:
        st.write(say("quarantine_none"))
        return
    pictures = [(path, say(f"samples_fault_{fault}")) for path, fault in tonight.faulty]
    files = [(q.path, q.reason) for q in tonight.quarantined]
    rows = [[escape(path), escape(reason)] for path, reason in (*files, *pictures)]
    table = html_table([(say("file"), "tp-words"), (say("reason"), "tp-words")], rows)
    st.html(f'<div class="tp-long">{table}</div>')


def scores_of(view: View, tonight: Tonight) -> pd.DataFrame:
    """Return `pattern`, `score` and `decision` of what the night judged, every image once."""
    return _scores(view.plant.settings.resolved_database_url(), tonight.night.run_id, view)


def _to_review(view: View, tonight: Tonight) -> int:
    scores = scores_of(view, tonight)
    return int((scores["decision"] == "review").sum())


@st.cache_data(max_entries=4, ttl=FRESH_S, show_spinner=False)
def _scores(database_url: str, run_id: str, _view: View) -> pd.DataFrame:
    with _view.session() as session:
        return judged_scores(session, run_id)
