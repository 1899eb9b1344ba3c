"""Texts of the scores page."""

WORDS = {
    "scores_title": ("How the scores lie", "スコアの分布"),
}
