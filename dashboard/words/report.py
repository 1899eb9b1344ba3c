"""Texts of the report page."""

WORDS = {
    "report_title": ("Report of a night", "検査レポート"),
}
