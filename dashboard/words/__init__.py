"""Every text of the dashboard, in English and Japanese, one module a page."""

from dashboard.words import (
    common,
    models,
    patterns,
    report,
    review,
    runs,
    samples,
    scores,
    tonight,
)

PARTS = (common, tonight, scores, samples, patterns, models, review, runs, report)
CATALOGUE: dict[str, tuple[str, str]] = {
    key: text for part in PARTS for key, text in part.WORDS.items()
}
