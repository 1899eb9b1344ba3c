"""Patterns over the nights: the mix, and the defect share with its interval."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

import altair as alt
import pandas as pd
import streamlit as st

from dashboard.charts import ABSTAINED, show_chart
from dashboard.frame import View
from dashboard.patterns import Standing
from dashboard.share_nights import CSS, share_nights
from dashboard.translations import Language
from technopro.registry import TrendRow

COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#b8a811", "#8c6bb1")
HEIGHT = 300  # pixels
DAY_S = 86_400


def over_time(view: View, standing: Standing) -> None:
    """Show how mix and defect share went over the last nights."""
    say, rows = view.say, standing.trend
    st.subheader(say("mix_title"), anchor=False)
    if not rows:
        st.write(say("trend_nothing"))
        return
    st.caption(say("mix_caption"))
    zone = ZoneInfo(view.plant.settings.timezone)
    named = standing.named(leading(rows))
    shown = mix(rows, named, say("patterns_others"), zone)
    show_chart(mix_chart(shown, named, say), say("mix_title"))
    st.subheader(say("shares_title"), anchor=False)
    st.caption(say("shares_caption"))
    drawn, nights = [], {row.run_id: row.at for row in rows}
    for name, label in named.items():
        own = [row for row in rows if row.pattern == name]
        marks = share_nights(own, nights, zone, colours(named)[label], say)
        drawn.append(f"<div><b>{escape(label)}</b>{marks}</div>")
    st.html(f'{CSS}<div class="tp-nights-side">{"".join(drawn)}</div>')


def leading(rows: Sequence[TrendRow]) -> list[str]:
    """Return the patterns of most images over all nights, at most one for each colour."""
    images: Counter[str] = Counter()
    for row in rows:
        images[row.pattern] += row.images
    ranked = sorted(images, key=lambda name: (-images[name], name))
    return ranked[: len(COLOURS)]


def colours(named: Mapping[str, str]) -> dict[str, str]:
    """Return the colour of each label; the same pattern has the same colour on the whole page."""
    return dict(zip(named.values(), COLOURS, strict=False))


def mix(
    rows: Sequence[TrendRow], named: Mapping[str, str], others: str, zone: ZoneInfo
) -> pd.DataFrame:
    """Return `night`, `label`, `images` and `share` (percent of the night), oldest night first.

    Patterns that are not among `named` are put together as `others`.
    """
    counts: dict[str, Counter[str]] = {}
    for row in rows:
        counts.setdefault(stamp(row.at, zone), Counter())[named.get(row.pattern, others)] += (
            row.images
        )
    order = [*named.values(), others]
    return pd.DataFrame(
        [
            {
                "night": night, "label": label, "images": own[label],
                "share": 100 * own[label] / max(1, own.total()), "rank": order.index(label),
            }
            for night, own in counts.items()
            for label in order
            if own[label]
        ]
    )  # fmt: skip


def stamp(at: datetime, zone: ZoneInfo) -> str:
    """Return the plant's day and time, which sorts as it reads."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def night_axis(nights: Sequence[str]) -> alt.Axis:
    """Return an axis of nights: days, or times where all lie within two days."""
    moments = [datetime.fromisoformat(night) for night in (min(nights), max(nights))]
    close = (moments[1] - moments[0]).total_seconds() < 2 * DAY_S
    label = "slice(datum.label, 11, 16)" if close else (
        "toNumber(slice(datum.label, 5, 7)) + '/' + toNumber(slice(datum.label, 8, 10))"
    )  # fmt: skip
    return alt.Axis(
        labelExpr=label, labelAngle=0, labelOverlap="greedy", labelSeparation=12, title=None,
        labelFontSize=13,
    )  # fmt: skip


def mix_chart(table: pd.DataFrame, named: Mapping[str, str], say: Language) -> alt.Chart:
    """Return one bar a night, as high as all its images."""
    shades = {**colours(named), say("patterns_others"): ABSTAINED}
    present = [label for label in shades if (table["label"] == label).any()]
    chart: alt.Chart = alt.Chart(table).mark_bar()
    return chart.encode(
        x=alt.X("night:O", axis=night_axis(table["night"].tolist())),
        y=alt.Y("share:Q", title=f"{say('mix_share')} (%)", scale=alt.Scale(domain=(0, 100)),
                axis=alt.Axis(labelFontSize=13, titleFontSize=13, tickCount=5)),
        color=alt.Color(
            "label:N", scale=alt.Scale(domain=present, range=[shades[one] for one in present]),
            legend=alt.Legend(title=None, orient="bottom", columns=4, labelFontSize=14,
                              labelLimit=260),
        ),
        order="rank:Q",
        tooltip=[
            alt.Tooltip("night:O", title=say("patterns_night")),
            alt.Tooltip("label:N", title=say("pattern")),
            alt.Tooltip("share:Q", title=f"{say('mix_share')} (%)", format=".1f"),
            alt.Tooltip("images:Q", title=say("images")),
        ],
    ).properties(height=HEIGHT)  # fmt: skip
