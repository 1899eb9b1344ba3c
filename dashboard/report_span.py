"""A span of nights on the report page: rates as chart and table, and tables to take away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from html import escape
from typing import cast
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard.address import remember, start
from dashboard.charts import DEFECT, axis_end
from dashboard.drawing import Line, Mark, Tick, bar, dots, part, time_ticks
from dashboard.drawing import rows as rows_of
from dashboard.frame import View
from dashboard.report import (
    BY,
    EARLIEST,
    FORMATS,
    LATEST,
    SPANS,
    TABLES,
    By,
    between,
    day_or,
    rates_csv,
    span_of,
    subject_name,
    table_maker,
)
from dashboard.share_nights import Shown, shares, told
from dashboard.tables import html_table
from dashboard.translations import Language
from technopro import registry
from technopro.registry import RateRow
from technopro.report.rows import Between
from technopro.results import Estimate

OWN = "own"
CHARTED = 60  # rows; more are in the table
HEIGHT = 220  # pixels
PALE = f"{DEFECT}80"  # half transparent
FRESH_S = 60


def span(view: View, newest: date) -> None:
    """Show the rates of the chosen days, and offer the tables behind them."""
    say = view.say
    st.subheader(say("span_title"), anchor=False)
    first, last = _days(view, newest)
    by = cast(By, st.segmented_control(
        say("by"), BY, default=start("by", BY, BY[0]), key="by", required=True,
        format_func=lambda name: say(f"by_{name}"), on_change=remember, args=("by", BY[0]),
    ))  # fmt: skip
    zone = ZoneInfo(view.plant.settings.timezone)
    wanted = between(first, last, zone)
    rows = _rates(view.plant.settings.resolved_database_url(), by, wanted, view)
    if rows:
        _show_rates(rows, by, f"{first}-{last}", say)
    else:
        st.write(say("span_none"))
    st.subheader(say("export_title"), anchor=False)
    st.caption(say("export_how"))
    _export(view, wanted, f"{first}-{last}")


def _days(view: View, newest: date) -> tuple[date, date]:
    """Show the choice of days and return the first and the last."""
    say, options = view.say, [*SPANS, OWN]
    chosen = str(st.segmented_control(
        say("span"), options, default=start("span", options, "month"), key="span", required=True,
        format_func=lambda name: say(f"span_{name}"), on_change=remember, args=("span", "month"),
    ))  # fmt: skip
    if chosen != OWN:
        return span_of(chosen, newest)
    left, right = st.columns(2)
    defaults = dict(zip(("since", "until"), span_of("month", newest), strict=True))
    found = [
        place.date_input(
            say(key), day_or(st.query_params.get(key, ""), defaults[key]), key=key,
            on_change=remember, args=(key, defaults[key]), min_value=EARLIEST,
            max_value=LATEST, format="YYYY-MM-DD",
        )
        for place, key in ((left, "since"), (right, "until"))
    ]  # fmt: skip
    return min(found), max(found)


def _show_rates(rows: Sequence[RateRow], by: By, days: str, say: Language) -> None:
    known = [row for row in rows if row.share is not None]
    if known:
        drawn = rate_chart(known[:CHARTED], by, say)
        st.html(f"<b>{escape(say('rates_title'))}</b>{drawn}")
    if len(known) > CHARTED:
        st.caption(say("rates_charted", n=str(CHARTED)))
    st.html(f'<div class="tp-long">{rate_table(rows, by, say)}</div>')
    st.download_button(
        say("rates_csv"), rates_csv(rows, by), f"rates-by-{by}-{days}.csv", FORMATS["csv"],
        key="rates-csv", on_click="ignore",
    )  # fmt: skip


def rate_table(rows: Sequence[RateRow], by: str, say: Language) -> str:
    """Return rates as an HTML table; what people and cameras named is escaped."""
    names = (f"by_{by}", "images", "flagged", "defect_share", "interval", "rate_corrected",
             "rate_looked")  # fmt: skip
    heads = [(say(name), "tp-n" if number else "") for number, name in enumerate(names)]
    return html_table(heads, [_row(row, say) for row in rows])


def _row(row: RateRow, say: Language) -> list[str]:
    share, sample = row.share, row.corrected
    found = None if sample is None else sample.estimate
    return [
        f"<b>{escape(subject_name(row.subject, say('no_line')))}</b>",
        say.number(row.images),
        say.number(row.flagged),
        _share(row, say),
        "–" if share is None else escape(say.span(share.low, share.high)),
        "–" if found is None else escape(say.percent(found)),
        "–" if sample is None else say.number(sample.looked),
    ]


def _share(row: RateRow, say: Language) -> str:
    """Return the estimate, and of how many images where that is not all."""
    if row.share is None:
        return escape(say("decision_unknown"))
    part = say("rate_of", images=say.count("images_count", row.known))
    small = f'<br><span class="tp-muted">{escape(part)}</span>' if row.known < row.images else ""
    return escape(say.percent(row.share.estimate)) + small


def rate_chart(rows: Sequence[RateRow], by: By, say: Language) -> str:
    """Return shares with their intervals: days as a course of time, all else a row each."""
    shown = [
        (row, row.share, _in_words(row, row.share, say)) for row in rows if row.share is not None
    ]
    if by != "day":
        top = axis_end(max(share.high for _, share, _ in shown))
        lines = [
            Line(subject_name(row.subject, say("no_line")), _lying(share, top, title))
            for row, share, title in shown
        ]
        across = [Tick(at, say.percent(top * at)) for at in (0.0, 0.5, 1.0)]
        return rows_of(lines, say("rates_title"), across)
    days = [datetime.fromisoformat(row.subject) for row, _, _ in shown]
    first, last = min(days), max(days)
    placed = [
        Shown(part(day, first, last), share, DEFECT, title)
        for day, (_, share, title) in zip(days, shown, strict=True)
    ]
    return shares(placed[::-1], time_ticks(first, last, days=True), say, HEIGHT)


def _in_words(row: RateRow, share: Estimate, say: Language) -> str:
    words = told(subject_name(row.subject, say("no_line")), share, say)
    return f"{words}, {say.count('images_count', row.known)}"


def _lying(share: Estimate, top: float, title: str) -> str:
    """Return an interval and its estimate as marks of a row."""
    interval = bar(share.low / top, share.high / top, PALE, title, thick="6px")
    return interval + dots([Mark(share.estimate / top, 0.5, DEFECT, "circle", title)])


def _export(view: View, wanted: Between, days: str) -> None:
    """Offer whole tables; a file is made when somebody presses, not before."""
    say = view.say
    what = str(st.segmented_control(
        say("export_what"), TABLES, default=start("table", TABLES, TABLES[0]), key="table",
        format_func=lambda name: say(f"table_{name}"), required=True, on_change=remember,
        args=("table", TABLES[0]),
    ))  # fmt: skip
    st.caption(say(f"table_{what}_how"))
    for place, kind in zip(st.columns([1, 1, 3]), FORMATS, strict=False):
        place.download_button(
            say(f"download_{kind}"), table_maker(view, what, kind, wanted),
            f"{what}-{days}.{kind}", FORMATS[kind], key=f"export-{kind}", on_click="ignore",
            width="stretch",
        )  # fmt: skip


@st.cache_data(max_entries=32, ttl=FRESH_S, show_spinner=False)
def _rates(database_url: str, by: By, wanted: Between, _view: View) -> list[RateRow]:
    zone = ZoneInfo(_view.plant.settings.timezone)
    with _view.session() as session:
        return registry.rates(session, by, zone=zone, since=wanted.since, until=wanted.until)
