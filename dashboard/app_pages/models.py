"""Models and their history."""

from __future__ import annotations

from dashboard.frame import View, page, titled


def show(view: View) -> None:
    """Draw the page."""
    titled(view, "models_title")


page(show)
