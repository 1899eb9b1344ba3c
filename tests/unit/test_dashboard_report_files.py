"""Days, spans and CSV of the report page, against values worked out by hand."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from dashboard.report import between, day_or, rates_csv, span_of
from dashboard.report_span import rate_chart, rate_table
from dashboard.translations import Language
from technopro.decision.corrected import Corrected
from technopro.registry import RateRow
from technopro.report.export import harmless
from technopro.results import Estimate

TOKYO = ZoneInfo("Asia/Tokyo")
DAY = date(2026, 11, 25)


def row(subject: str, corrected: Corrected | None = None) -> RateRow:
    moment = datetime(2026, 11, 25, tzinfo=UTC)
    return RateRow(subject, moment, ("r",), 200, 10, 200, Estimate(0.05, 0.02, 0.1), corrected)


def test_days_are_those_of_the_plant_and_in_order() -> None:
    wanted = between(date(2026, 11, 25), date(2026, 11, 24), TOKYO)
    assert wanted.since == datetime(2026, 11, 23, 15, tzinfo=UTC)
    assert wanted.until == datetime(2026, 11, 25, 14, 59, 59, 999999, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "first"),
    [("day", DAY), ("week", date(2026, 11, 19)), ("month", date(2026, 10, 27))],
)
def test_spans_end_with_the_newest_night(name: str, first: date) -> None:
    assert span_of(name, DAY) == (first, DAY)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-13-01", "9999-12-31", "0001-01-01", "2026-W48-3", "９" * 10]
)
def test_nonsense_is_no_day(text: str) -> None:
    default = date(2026, 1, 2)
    assert day_or(text, default) in (default, DAY)
    assert day_or("2026-11-25", default) == DAY


def test_rates_open_in_a_spreadsheet_and_run_nothing() -> None:
    told = Corrected(0.04, 0.01, 0.08, 0.9, ())
    data = rates_csv([row("=cmd|'/c calc'!A1"), row("布, 1", told)], "line")
    assert data.startswith(b"\xef\xbb\xbfline,images,flagged,images_known,share,")
    lines = data.decode("utf-8-sig").split("\r\n")
    assert lines[1] == "'=cmd|'/c calc'!A1,200,10,200,0.05,0.02,0.1,,,,"
    assert lines[2] == '"布, 1",200,10,200,0.05,0.02,0.1,0.04,0.01,0.08,0'
    assert harmless("p-1") == "p-1"


def test_the_table_shows_percent_and_names_what_has_no_line() -> None:
    unknown = replace(row("<L1>"), share=None)
    table = rate_table([row("no line"), unknown], "line", Language("ja"))
    first, second = re.findall(r"<tr>(<td.*?)</tr>", table)
    assert re.findall(r">([^<]+)<", first) == [
        "ライン指定なし", "200", "10", "5.0 %", "2.0 % – 10.0 %", "–", "–",
    ]  # fmt: skip
    assert re.findall(r">([^<]+)<", second) == [
        "&lt;L1&gt;",
        "200",
        "10",
        "判別不可",
        "–",
        "–",
        "–",
    ]


def test_a_rate_is_drawn_in_its_row_or_on_its_day() -> None:
    """On an axis that ends at the highest end, 10 %, by hand."""
    lying = rate_chart([row("L1")], "line", Language("en"))
    assert "left:20.00%;width:80.00%" in lying  # from 2 % to 10 %
    assert "left:50.00%;bottom:50.00%" in lying  # 5 %
    days = [row("2026-11-26"), row("2026-11-25"), row("2026-11-24")]
    standing = rate_chart(days, "day", Language("en"))
    assert re.findall(r"M([0-9.]+) \S+?V", standing) == ["0.0", "500.0", "1000.0"]
    assert re.findall(r'">(11/[0-9]+)<', standing) == ["11/24", "11/25", "11/26"]
