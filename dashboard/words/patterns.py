"""Texts of the patterns page."""

WORDS = {
    "patterns_title": ("Patterns and drift", "パターンと変化"),
}
