"""Report of a night."""

from __future__ import annotations

from dashboard.frame import View, page, titled


def show(view: View) -> None:
    """Draw the page."""
    titled(view, "report_title")


page(show)
