"""The colours of all drawings, safe for colour-blind eyes, and what they share."""

from __future__ import annotations

OK, REVIEW, DEFECT = "#5b8db8", "#e69f00", "#d55e00"  # Okabe & Ito
ABSTAINED = "#8a9299"
BINS = 40  # that scores are counted in
TOPS = (0.01, 0.02, 0.04, 0.06, 0.1, 0.2, 0.4, 0.6, 1.0)  # shares at which an axis may end


def axis_end(highest: float) -> float:
    """Return the round share at which an axis ends that shows shares up to `highest`."""
    return next((top for top in TOPS if top >= highest), TOPS[-1])
