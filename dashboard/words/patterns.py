"""Texts of the patterns page."""

WORDS = {
    "patterns_page_title": ("Patterns and drift", "パターンと変化"),
}
