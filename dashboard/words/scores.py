"""Texts of the scores page."""

WORDS = {
    "scores_page_title": ("How the scores lie", "スコアの分布"),
}
