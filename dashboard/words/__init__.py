"""Every text of the dashboard, in English and Japanese, one module a page."""

from dashboard.words import common, review, tonight

PARTS = (common, tonight, review)
CATALOGUE: dict[str, tuple[str, str]] = {
    key: text for part in PARTS for key, text in part.WORDS.items()
}
