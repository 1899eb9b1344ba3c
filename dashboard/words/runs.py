"""Texts of the runs page."""

WORDS = {
    "runs_title": ("What runs and what ran", "実行状況"),
}
