"""The parts of the morning page that are only shown: headline, numbers, patterns, quarantine."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from dashboard.charts import defect_shares, score_histogram
from dashboard.records import Attempt, Night
from dashboard.translations import Language
from technopro.results import PatternNight

HISTOGRAMS_A_ROW = 3
STATES = ("running", "completed", "failed")


def latest_attempt(attempt: Attempt | None, say: Language) -> None:
    """Say that a newer run failed or is going on; nothing where all is well."""
    if attempt is None or attempt.state not in ("running", "failed"):
        return
    show = st.warning if attempt.state == "failed" else st.info
    show(say(f"latest_{attempt.state}", when=say.when(attempt.started)))


def headline(night: Night, say: Language) -> None:
    """Say in one calm sentence what happened."""
    state = night.run.state if night.run.state in STATES else "running"
    summary = say(
        "summary",
        images=say.count("images_count", night.run.images),
        patterns=say.count("patterns_count", len(night.patterns)),
        flagged=say.number(night.flagged),
        review=say.number(night.to_review),
        quarantined=say.number(len(night.quarantined)),
    )
    first = say(f"state_{state}", when=say.when(night.run.started))
    st.html(f'<p class="tp-calm">{escape(first)} {escape(summary)}</p>')


def numbers(night: Night, say: Language) -> None:
    """Show the four figures that matter, large."""
    figures = {
        "flagged": night.flagged,
        "to_review": night.to_review,
        "inspected": night.run.images,
        "quarantined": len(night.quarantined),
    }
    columns = st.columns(len(figures))
    for column, (key, figure) in zip(columns, figures.items(), strict=True):
        column.metric(say(key), say.number(figure), help=say(f"{key}_help"), border=True)


def patterns(night: Night, say: Language) -> None:
    """Show the defect share of every pattern as chart and as table."""
    st.subheader(say("patterns_title"))
    st.caption(say("patterns_caption"))
    if not night.patterns:
        st.write(say("no_images"))
        return
    st.altair_chart(defect_shares(night.patterns, say), alt=say("patterns_title"))
    st.html(pattern_table(night.patterns, say))
    silent = [n.pattern for n in night.patterns if not n.separable]
    if silent:
        st.html(f"<p>{escape(say('not_separable_note', patterns=', '.join(silent)))}</p>")


def pattern_table(nights: tuple[PatternNight, ...], say: Language) -> str:
    """Return the table as HTML; names given by people are escaped."""
    heads = [("pattern", ""), ("defect_share", "tp-n"), ("interval", "tp-n"), ("flagged", "tp-n"),
             ("images", "tp-n"), ("separable", ""), ("quality", "tp-n"), ("threshold", "tp-n"),
             ("review_threshold", "tp-n"), ("version", "")]  # fmt: skip
    head = "".join(f'<th class="{css}">{escape(say(key))}</th>' for key, css in heads)
    rows = "".join(_table_row(night, say) for night in nights)
    table = f"<table class='tp-table'><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<div class="tp-scroll">{table}</div>'


def histograms(night: Night, scores: pd.DataFrame, say: Language) -> None:
    """Show the scores of every pattern with its threshold and review band."""
    st.subheader(say("scores_title"))
    st.caption(say("scores_caption"))
    for start in range(0, len(night.patterns), HISTOGRAMS_A_ROW):
        columns = st.columns(HISTOGRAMS_A_ROW, gap="medium")
        for column, one in zip(columns, night.patterns[start:], strict=False):
            own = scores.loc[scores["pattern"] == one.pattern, "score"].to_numpy(dtype=float)
            column.html(f"<b>{escape(one.pattern)}</b>")
            column.altair_chart(score_histogram(own, one, say), alt=say("scores_title"))


def quarantine(night: Night, say: Language) -> None:
    """List the files that could not be inspected, and why."""
    st.subheader(say("quarantine_title"))
    if not night.quarantined:
        st.write(say("quarantine_none"))
        return
    rows = [{say("file"): q.path, say("reason"): q.reason} for q in night.quarantined]
    st.dataframe(pd.DataFrame(rows), hide_index=True)


def _table_row(night: PatternNight, say: Language) -> str:
    share, quality = night.defect_share, night.quality
    weight = "tp-big" if night.separable else "tp-muted"
    cells = [
        (night.pattern, ""),
        (say.percent(share.estimate), f"tp-n {weight}"),
        (f"{say.percent(share.low)} – {say.percent(share.high)}", "tp-n"),
        (say.number(night.flagged), "tp-n"),
        (say.number(night.images), "tp-n"),
        (say("separable_yes" if night.separable else "separable_no"), ""),
        (f"{quality.estimate:.2f} ({quality.low:.2f} – {quality.high:.2f})", "tp-n"),
        (f"{night.threshold:.2f}", "tp-n"),
        (f"{night.review_threshold:.2f}", "tp-n"),
        (night.model_version, "tp-version"),
    ]
    return "<tr>" + "".join(f'<td class="{css}">{escape(c)}</td>' for c, css in cells) + "</tr>"
