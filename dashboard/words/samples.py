"""Texts of the samples page."""

WORDS = {
    "samples_title": ("Look at the parts", "部品の画像"),
}
