"""The patterns as they stand in a night: gathered once, and shown as figures and as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from dashboard.frame import View
from dashboard.tables import html_table
from technopro import registry
from technopro.drift.figure import DriftFigure, Level
from technopro.registry import AlertRow, DeploymentRow, NightRow, PatternRow, TrendRow
from technopro.registry.made import retrains_of
from technopro.registry.reigns import present_reigns

NIGHTS = 90  # of the charts over time
NEW = "new pattern: "  # how the alert's topic begins, see `technopro.alerting`
CHIPS = {
    "steady": "tp-ok", "watch": "tp-review", "drifted": "tp-defect",
    "active": "tp-ok", "new": "tp-review", "champion": "tp-ok", "challenger": "tp-review",
    "refused": "tp-defect",
}  # fmt: skip
QUIET = "background:#c3c9cf;"  # the chip of what is over


@dataclass(frozen=True)
class Standing:
    """All patterns, as one night and the nights before it saw them."""

    night: NightRow
    known: Mapping[str, PatternRow]
    images: Mapping[str, int]  # of the night, by pattern
    reigns: Mapping[str, DeploymentRow]  # now
    trend: Sequence[TrendRow]
    drift: Sequence[DriftFigure]
    news: Sequence[AlertRow]  # open ones that tell of a new pattern

    def called(self, name: str) -> str:
        """Return what people call a pattern."""
        row = self.known.get(name)
        return called(name, row.title if row else None)

    def named(self, names: Sequence[str]) -> dict[str, str]:
        """Return what people call some patterns, by name."""
        return {name: self.called(name) for name in names}

    def ordered(self) -> list[PatternRow]:
        """Return the living first, those with most images at the top."""
        rows = self.known.values()
        return sorted(rows, key=lambda p: (not p.living, -self.images.get(p.name, 0), p.name))

    def at_level(self, level: Level) -> set[str]:
        """Return the patterns of which some figure has exactly this level; "" is the night."""
        return {figure.pattern or "" for figure in self.drift if figure.level is level}

    def new(self) -> list[str]:
        """Return the patterns that wait for a name, those that an alert tells of among them."""
        told = {alert.pattern for alert in self.news}
        rows = self.ordered()
        return [p.name for p in rows if p.living and (p.status == "new" or p.name in told)]


def gather(view: View, night: NightRow) -> Standing:
    """Return everything the page tells; what a night's own retrain found changed counts too."""
    with view.session() as session:
        runs = [*retrains_of(session, night.batch_id, night.started_at), night.run_id]
        return Standing(
            night,
            registry.patterns(session),
            {p.pattern: p.images for p in registry.night(session, night.run_id)},
            present_reigns(session),
            registry.pattern_trend(session, NIGHTS),
            worst(registry.drift_figures(session, runs)),
            [a for a in registry.open_alerts(session) if a.topic.startswith(NEW)],
        )


def worst(figures: Sequence[DriftFigure]) -> list[DriftFigure]:
    """Return one figure of each kind, pattern and statistic: of highest level, then the latest."""
    levels = list(Level)
    kept: dict[tuple[str, str | None, str], DriftFigure] = {}
    for figure in figures:
        key = (figure.kind, figure.pattern, figure.statistic)
        before = kept.get(key)
        if before is None or levels.index(figure.level) >= levels.index(before.level):
            kept[key] = figure
    return list(kept.values())


def called(name: str, title: str | None) -> str:
    """Return what people call a pattern, with the name that never changes."""
    return f"{title} ({name})" if title else name


def chip(kind: str, text: str) -> str:
    """Return a small coloured label as HTML."""
    css = CHIPS.get(kind, "")
    style = "margin-left:0;" + ("" if css else QUIET)
    return f'<span class="tp-chip {css}" style="{style}">{escape(text)}</span>'


def figures(view: View, standing: Standing) -> None:
    """Show the numbers that matter, large."""
    drifted = standing.at_level(Level.DRIFTED)
    numbers = {
        "patterns_tonight": len(standing.images),
        "patterns_drifted": len(drifted),
        "patterns_watch": len(standing.at_level(Level.WATCH) - drifted),
        "patterns_new": len(standing.new()),
    }
    for column, (key, n) in zip(st.columns(len(numbers)), numbers.items(), strict=True):
        column.metric(view.say(key), view.say.number(n), help=view.say(f"{key}_help"), border=True)


def overview(view: View, standing: Standing) -> None:
    """Show a table of every pattern that ever was."""
    st.subheader(view.say("patterns_all"), anchor=False)
    st.html(table(view, standing))


def table(view: View, standing: Standing) -> str:
    """Return the table as HTML; what people and cameras named is escaped."""
    keys = {"pattern": "", "pattern_status": "", "pattern_parent": "", "images_tonight": "tp-n",
            "version": "", "patterns_since": ""}  # fmt: skip
    rows = [_row(view, standing, pattern) for pattern in standing.ordered()]
    return html_table([(view.say(key), css) for key, css in keys.items()], rows)


def _row(view: View, standing: Standing, pattern: PatternRow) -> list[str]:
    say, reign = view.say, standing.reigns.get(pattern.name)
    images = standing.images.get(pattern.name)
    name = f'<br><span class="tp-muted">{escape(pattern.name)}</span>' if pattern.title else ""
    weight = "tp-big" if images else "tp-muted"
    return [
        f"<b>{escape(pattern.title or pattern.name)}</b>{name}",
        chip(pattern.status, say(f"status_{pattern.status}")),
        escape(standing.called(pattern.parent)) if pattern.parent else "–",
        f'<span class="{weight}">{say.number(images) if images else "–"}</span>',
        escape(reign.version) if reign else escape(say("patterns_no_champion")),
        escape(view.when(reign.since)) if reign else "–",
    ]
