"""Patterns and drift."""

from __future__ import annotations

from dashboard import starting
from dashboard.frame import View, page, titled
from dashboard.patterns import figures, gather, overview
from dashboard.patterns_change import change, newcomers
from dashboard.patterns_drift import drift
from dashboard.patterns_map import look_map
from dashboard.patterns_trend import over_time


def show(view: View) -> None:
    """Draw the page: what is new, what has changed, how it went, and what to do about it."""
    night = titled(view, "patterns_page_title")
    if night is None:
        return
    standing = gather(view, night)
    figures(view, standing)
    newcomers(view, standing)
    drift(view, standing)
    over_time(view, standing)
    look_map(view, standing)
    overview(view, standing)
    change(view, standing)
    starting.new_pattern(view)


page(show)
