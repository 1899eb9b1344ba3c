"""What the report page hands out: files of a night and of a span of time, made when asked for."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from dashboard.frame import View
from technopro import registry
from technopro.registry import RateRow
from technopro.registry.rates import NO_LINE
from technopro.report.export import export, harmless
from technopro.report.page import write_page
from technopro.report.rows import Between

BY = ("pattern", "line", "batch", "day")
TABLES = ("predictions", "rates", "verdicts", "audit")
FORMATS = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
SPANS = {"day": 1, "week": 7, "month": 30}  # days up to the newest night

EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)  # days that can be chosen

By = Literal["pattern", "line", "batch", "day"]


def between(first: date, last: date, zone: ZoneInfo) -> Between:
    """Return the moments from the first to the last of some days at the plant, both included.

    Days in the wrong order are put right.
    """
    first, last = min(first, last), max(first, last)
    begin = datetime.combine(first, time.min, zone)
    return Between(begin, datetime.combine(last, time.max, zone))


def day_or(text: str, default: date) -> date:
    """Return the day that an address names, as YYYY-MM-DD; else the default."""
    try:
        day = date.fromisoformat(text) if len(text) == 10 else default
    except ValueError:
        return default
    return day if EARLIEST <= day <= LATEST else default


def span_of(name: str, newest: date) -> tuple[date, date]:
    """Return the first and last day of a span that ends with the newest night."""
    return newest - timedelta(days=SPANS[name] - 1), newest


def page_maker(view: View, run_id: str) -> Callable[[], bytes]:
    """Return what makes the printable page of a night; it runs apart from the page's drawing."""
    plant = view.plant

    def make() -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "report.html"
            write_page(plant, file, run_id)
            return file.read_bytes()

    return make


def table_maker(view: View, what: str, kind: str, wanted: Between) -> Callable[[], bytes]:
    """Return what makes an export of one table, `csv` or `parquet`."""
    plant = view.plant

    def make() -> bytes:
        with (
            tempfile.TemporaryDirectory() as folder,
            registry.unit_of_work(plant.engine) as session,
        ):
            file = Path(folder) / f"{what}.{kind}"
            export(session, what, file, wanted)
            return file.read_bytes()

    return make


def rates_csv(rows: Sequence[RateRow], by: str) -> bytes:
    """Return rates as CSV that a spreadsheet opens as it is: with a byte order mark, no formulas.

    Shares are 0 to 1; where good and bad could not be told apart, there is none.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([by, "images", "flagged", "images_known", "share", "share_low", "share_high",
                     "corrected", "corrected_low", "corrected_high", "looked_at"])  # fmt: skip
    for row in rows:
        found = row.corrected
        told = ("",) * 4 if found is None else (
            "" if found.estimate is None else found.estimate, found.low, found.high, found.looked
        )  # fmt: skip
        share = row.share
        known = ("",) * 3 if share is None else (share.estimate, share.low, share.high)
        writer.writerow([harmless(row.subject), row.images, row.flagged, row.known, *known, *told])
    return out.getvalue().encode("utf-8-sig")


def subject_name(subject: str, no_line: str) -> str:
    """Return how a row is called; lines without a name in the language of the page."""
    return no_line if subject == NO_LINE else subject
