"""How the scores lie."""

from __future__ import annotations

from dashboard.frame import View, page, titled


def show(view: View) -> None:
    """Draw the page."""
    titled(view, "scores_page_title")


page(show)
