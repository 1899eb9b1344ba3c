"""Look at the parts."""

from __future__ import annotations

from dashboard.frame import View, page, titled


def show(view: View) -> None:
    """Draw the page."""
    titled(view, "samples_title")


page(show)
