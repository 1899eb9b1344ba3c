"""What an alert is about in the reader's language; its recorded words, in English, are the details.

An alert is kept as it was raised, with the figures of its moment. Its kind begins its topic.
"""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.patterns_drift import told as in_figures
from dashboard.translations import Language
from technopro.drift.figure import DriftFigure
from technopro.registry import AlertRow

KINDS = (
    "drift of mix", "drift of scores", "drift of embedding", "drift of novelty", "new pattern",
    "new model refused", "rolled back", "flow failed", "held up", "server away",
    "bucket asked again", "run died", "missing or damaged",
    "unexplained", "unusable pictures", "mostly defective",
)  # fmt: skip
SAID_IN_FULL = "new pattern"  # there are no details


def told(alert: AlertRow, titles: Mapping[str, str], say: Language) -> tuple[str, str]:
    """Return what has happened, and the details; `titles` are what people call the patterns."""
    kind, _, subject = alert.topic.partition(": ")
    if kind not in KINDS:
        return alert.words, ""
    named = titles.get(alert.pattern or "", alert.pattern or subject)
    key = _key(kind, alert.pattern)
    return say(key, subject=named), "" if kind == SAID_IN_FULL else alert.words


def drifted(figure: DriftFigure, titles: Mapping[str, str], say: Language) -> str:
    """Return a change of one night in the same words, with its figure and what is usual."""
    named = titles.get(figure.pattern or "", figure.pattern or "")
    key = _key(f"drift of {figure.kind}", figure.pattern)
    return f"{say(key, subject=named)} {in_figures(figure, say)}"


def _key(kind: str, pattern: str | None) -> str:
    whole = kind == "drift of mix" and pattern is None
    return "alert_drift_of_whole_mix" if whole else f"alert_{kind.replace(' ', '_')}"
