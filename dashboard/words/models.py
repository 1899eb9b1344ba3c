"""Texts of the models page."""

WORDS = {
    "models_title": ("Models and their history", "モデルと履歴"),
}
