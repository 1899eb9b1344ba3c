"""A span of nights on the report page: rates as chart and table, and tables to take away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import cast
from zoneinfo import ZoneInfo

import altair as alt
import pandas as pd
import streamlit as st

from dashboard.address import remember, start
from dashboard.charts import ABSTAINED, DEFECT, show_chart
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
from dashboard.translations import Language
from technopro import registry
from technopro.registry import RateRow
from technopro.report.rows import Between

OWN = "own"
CHARTED = 60  # rows; more are in the table
ROW_PX = 30
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


def _show_rates(rows: Sequence[RateRow], by: str, days: str, say: Language) -> None:
    show_chart(rate_chart(rows, by, say), say("rates_title"))
    if len(rows) > CHARTED:
        st.caption(say("rates_charted", n=str(CHARTED)))
    st.dataframe(
        rate_table(rows, by, say), hide_index=True, placeholder="–",
        column_config={
            say(name): st.column_config.NumberColumn(format="%.1f %%")
            for name in ("defect_share", "rate_low", "rate_high", "rate_corrected")
        },
    )  # fmt: skip
    st.download_button(
        say("rates_csv"), rates_csv(rows, by), f"rates-by-{by}-{days}.csv", FORMATS["csv"],
        key="rates-csv", on_click="ignore",
    )  # fmt: skip


def rate_table(rows: Sequence[RateRow], by: str, say: Language) -> pd.DataFrame:
    """Return rates as they are shown, shares in percent."""
    return pd.DataFrame(
        {
            say(f"by_{by}"): [subject_name(row.subject, say("no_line")) for row in rows],
            say("images"): [row.images for row in rows],
            say("flagged"): [row.flagged for row in rows],
            say("defect_share"): [row.share.estimate * 100 for row in rows],
            say("rate_low"): [row.share.low * 100 for row in rows],
            say("rate_high"): [row.share.high * 100 for row in rows],
            say("rate_corrected"): [_corrected(row) for row in rows],
            say("rate_looked"): [0 if row.corrected is None else row.corrected.looked
                                 for row in rows],
        }
    )  # fmt: skip


def _corrected(row: RateRow) -> float | None:
    found = None if row.corrected is None else row.corrected.estimate
    return None if found is None else found * 100


def rate_chart(rows: Sequence[RateRow], by: str, say: Language) -> alt.LayerChart | alt.FacetChart:
    """Return shares with their intervals: days as a course of time, all else a row each."""
    shown = rows[:CHARTED]
    table = pd.DataFrame(
        {
            "subject": [subject_name(row.subject, say("no_line")) for row in shown],
            "estimate": [row.share.estimate * 100 for row in shown],
            "low": [row.share.low * 100 for row in shown],
            "high": [row.share.high * 100 for row in shown],
            "images": [row.images for row in shown],
        }
    )
    title = f"{say('defect_share')} (%)"
    tooltip = [
        alt.Tooltip("subject:N", title=say(f"by_{by}")),
        alt.Tooltip("estimate:Q", title=title, format=".2f"),
        alt.Tooltip("low:Q", title=say("rate_low"), format=".2f"),
        alt.Tooltip("high:Q", title=say("rate_high"), format=".2f"),
        alt.Tooltip("images:Q", title=say("images")),
    ]
    if by == "day":  # without a zone, so that every browser shows the plant's days
        table["subject"] = pd.to_datetime(table["subject"])
        tooltip[0] = alt.Tooltip("subject:T", title=say("by_day"), format="%Y-%m-%d")
    base = alt.Chart(table).encode(tooltip=tooltip)
    return _over_time(base, title) if by == "day" else _by_row(base, title, len(table))


def _over_time(base: alt.Chart, title: str) -> alt.LayerChart | alt.FacetChart:
    x = alt.X("subject:T", title=None, axis=alt.Axis(format="%m-%d", labelFontSize=13, grid=False))
    axis = alt.Axis(labelFontSize=13, titleFontSize=13, tickCount=5)
    y = alt.Y("low:Q", title=title, axis=axis, scale=alt.Scale(domainMin=0))
    rule = base.mark_rule(strokeWidth=4, opacity=0.4, color=DEFECT).encode(x=x, y=y, y2="high:Q")
    line = base.mark_line(color=ABSTAINED).encode(x=x, y="estimate:Q")
    point = base.mark_point(size=70, filled=True, opacity=1, color=DEFECT)
    return alt.layer(rule, line, point.encode(x=x, y="estimate:Q")).properties(height=280)


def _by_row(base: alt.Chart, title: str, rows: int) -> alt.LayerChart | alt.FacetChart:
    axis = alt.Axis(labelFontSize=14, labelLimit=320, labelFlush=False)
    y = alt.Y("subject:N", sort=None, title=None, axis=axis)
    x = alt.X(
        "low:Q", title=title, scale=alt.Scale(domainMin=0),
        axis=alt.Axis(labelFontSize=13, titleFontSize=13, tickCount=6),
    )  # fmt: skip
    rule = base.mark_rule(strokeWidth=5, strokeCap="round", opacity=0.5, color=DEFECT)
    point = base.mark_point(size=130, filled=True, opacity=1, color=DEFECT)
    layers = (rule.encode(x=x, x2="high:Q", y=y), point.encode(x="estimate:Q", y=y))
    return alt.layer(*layers).properties(height=ROW_PX * rows + 60)


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
