"""Patterns over the nights: the mix, and the defect share with its interval."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from html import escape
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard.charts import ABSTAINED
from dashboard.drawing import Tick, block, filled, legend, painted, plot, strip
from dashboard.frame import View
from dashboard.patterns import Standing
from dashboard.share_nights import CSS, share_nights
from dashboard.translations import Language
from technopro.registry import TrendRow

COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#b8a811", "#8c6bb1")
HEIGHT = 260  # pixels
MOST_LABELS = 8
CLOSE = timedelta(days=2)  # nights so near each other are told apart by their times


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
    shown = mix(rows, named, say("patterns_others"))
    if shown:
        st.html(mix_chart(shown, named, zone, say))
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


class Part(NamedTuple):
    """What share of a night's images a pattern had."""

    at: datetime
    label: str
    images: int
    share: float


def mix(rows: Sequence[TrendRow], named: Mapping[str, str], others: str) -> list[Part]:
    """Return the patterns of each night, oldest night first.

    Patterns that are not among `named` are put together as `others`.
    """
    counts: dict[datetime, Counter[str]] = {}
    for row in rows:
        counts.setdefault(row.at, Counter())[named.get(row.pattern, others)] += row.images
    return [
        Part(at, label, own[label], own[label] / own.total())
        for at, own in counts.items()
        for label in (*named.values(), others)
        if own[label]
    ]


def night_labels(nights: Sequence[datetime]) -> list[Tick]:
    """Return some of the nights, a place each: days, or times where all lie within two days."""
    close = max(nights) - min(nights) < CLOSE
    every = -(-len(nights) // MOST_LABELS)
    return [
        Tick((number + 0.5) / len(nights), f"{at:%H:%M}" if close else f"{at.month}/{at.day}")
        for number, at in enumerate(nights)
        if number % every == 0
    ]


def _told(part: Part, say: Language) -> str:
    images = say.count("images_count", part.images)
    return f"{part.label}: {say.percent(part.share)}, {images}"


def mix_chart(
    parts: Sequence[Part], named: Mapping[str, str], zone: ZoneInfo, say: Language
) -> str:
    """Return one bar a night, as high as all its images."""
    shades = {**colours(named), say("patterns_others"): ABSTAINED}
    present = {part.label for part in parts}
    nights = [(at, list(own)) for at, own in groupby(parts, key=lambda part: part.at)]
    width, strips = 1 / len(nights), ""
    bars: dict[str, list[str]] = {}
    for number, (at, own) in enumerate(nights):
        below = 0.0
        for part in own:
            bar = block((number + 0.06) * width, below, 0.88 * width, part.share)
            bars.setdefault(shades[part.label], []).append(bar)
            below += part.share
        title = "\n".join([say.when(at.astimezone(zone)), *(_told(part, say) for part in own)])
        strips += strip((number + 0.5) * width, width, title)
    drawn = plot(
        painted(filled(bars), stretched=True) + strips,
        say("mix_title"),
        height=HEIGHT,
        up=[Tick(up, f"{up:.0%}") for up in (0.25, 0.5, 0.75, 1.0)],
        across=night_labels([at.astimezone(zone) for at, _ in nights]),
        up_name=say("mix_share"),
    )
    return drawn + legend((c, "square", label) for label, c in shades.items() if label in present)
