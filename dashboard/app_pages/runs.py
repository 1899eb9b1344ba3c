"""What runs and what ran."""

from __future__ import annotations

from dashboard.frame import View, page, titled


def show(view: View) -> None:
    """Draw the page."""
    titled(view, "runs_title")


page(show)
