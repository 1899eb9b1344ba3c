"""Every text of the dashboard, in English and Japanese, one module a page and one for alerts."""

from dashboard.words import (
    alerts,
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

PARTS = (common, alerts, tonight, scores, samples, patterns, models, review, runs, report)
CATALOGUE: dict[str, tuple[str, str]] = {
    key: text for part in PARTS for key, text in part.WORDS.items()
}
