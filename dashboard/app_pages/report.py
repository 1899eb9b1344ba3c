"""Report of a night to print, rates of a span of nights, and tables to take away."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from dashboard.frame import View, page, titled
from dashboard.report_night import night
from dashboard.report_span import span
from technopro.registry.arrivals import newest_arrival


def show(view: View) -> None:
    """Draw the page from top to bottom."""
    chosen = titled(view, "report_title")
    if chosen is None:
        return
    night(view, chosen)
    with view.session() as session:
        newest = newest_arrival(session) or chosen.started_at
    span(view, newest.astimezone(ZoneInfo(view.plant.settings.timezone)).date())


page(show)
