"""Which images of a night are shown, page by page, and what a file of them is called."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import PurePosixPath

import streamlit as st
from sqlalchemy.orm import Session

from dashboard.frame import View
from dashboard.plant import FRESH_S
from dashboard.translations import Language
from technopro import registry
from technopro.registry import Judgement, VerdictRow
from technopro.registry.gallery import Known, Sample, Wanted, count, known, sample, samples
from technopro.report.export import harmless
from technopro.results import Decision, PatternNight, is_judged, is_unknown

SHOWN = 24  # images a page
DIGITS = 16  # of a SHA-256 in the address
VERDICTS = 20  # shown beside an image
NAME = 120  # characters of a file's name
PLACES = ("after", "before", "image")  # in the address: where one is in the list


@dataclass(frozen=True)
class Sheet:
    """One page of images."""

    rows: Sequence[Sample]
    total: int  # images that are wanted, on all pages
    first: int  # place of the first one of this page, from 0

    @property
    def last(self) -> int:
        """The place after this page's last image."""
        return self.first + len(self.rows)


@dataclass(frozen=True)
class Large:
    """One image with all that is known of it."""

    sample: Sample
    known: Known
    verdicts: Sequence[VerdictRow]  # the newest first
    previous: str | None  # SHA-256, in the order of the list
    following: str | None


def sheet(session: Session, wanted: Wanted, total: int, after: str, before: str) -> Sheet:
    """Return the page after or before an image (starts of SHA-256); the first for nonsense."""
    later, earlier = (sample(session, wanted.run_id, start) for start in (after, before))
    rows: list[Sample] = []
    if later is not None:
        rows = samples(session, wanted, SHOWN, after=later.sha256)
    elif earlier is not None:
        rows = samples(session, wanted, SHOWN, before=earlier.sha256)
    if (later is not None and rows) or len(rows) == SHOWN:
        return Sheet(rows, total, count(session, wanted, rows[0].sha256))
    return Sheet(samples(session, wanted, SHOWN), total, 0)  # near the start, a whole page too


def total_of(view: View, wanted: Wanted) -> int:
    """Return how many images are wanted; remembered for a minute."""
    return _total(str(view.plant.engine.url), wanted, view)


def large(session: Session, wanted: Wanted, start: str) -> Large | None:
    """Return the image that the address names; None where this night has none such."""
    found = sample(session, wanted.run_id, start)
    about = known(session, wanted.run_id, found.sha256) if found is not None else None
    if found is None or about is None:
        return None
    said = registry.verdicts(session, sha256=found.sha256, limit=VERDICTS)
    earlier = samples(session, wanted, 1, before=found.sha256)
    later = samples(session, wanted, 1, after=found.sha256)
    previous, following = (row[0].sha256 if row else None for row in (earlier, later))
    return Large(found, about, said, previous, following)


def titles(view: View) -> dict[str, str]:
    """Return how each pattern is called: its name, behind the title that QA gave, if any.

    No two are called alike, whatever their titles: a list of options goes by what it shows.
    """
    with view.session() as session:
        rows = registry.patterns(session).values()
        return {row.name: f"{row.title} ({row.name})" if row.title else row.name for row in rows}


def patterns_of(view: View, run_id: str) -> list[PatternNight]:
    """Return the patterns of a night, the one with the largest defect share first."""
    with view.session() as session:
        return registry.night(session, run_id)


def unsure(nights: Sequence[PatternNight]) -> set[str]:
    """Return the patterns whose good and bad parts are not told apart."""
    return {night.pattern for night in nights if not night.separable}


def decided(decision: Decision, separable: bool) -> str:
    """Return what a part is called, by the name of its colour."""
    return "unknown" if is_unknown(decision, separable) else decision.value


def decision_chip(called: str, say: Language) -> str:
    """Return a small coloured label as HTML."""
    label = escape(say(f"decision_{called}"))
    return f'<span class="tp-chip tp-{called}" style="margin-left:0">{label}</span>'


def go_to(place: str | None = None, sha256: str | None = None) -> None:
    """Let the address name one place in the list, or none: the first page."""
    for name in PLACES:
        st.query_params.pop(name, None)
    if place is not None and sha256 is not None:
        st.query_params[place] = sha256[:DIGITS]


def look_at(sha256: str | None) -> None:
    """Show an image large; with None, the list again, at the page that was left."""
    if sha256 is None:
        st.query_params.pop("image", None)
    else:
        st.query_params["image"] = sha256[:DIGITS]


def file_name(path: str) -> str:
    """Return the last part of a path with letters, digits and ._- alone; never a hidden file."""
    last = PurePosixPath(path.replace("\\", "/")).name
    cleaned = re.sub(r"[^\w.\-]+", "_", last).lstrip("._-")
    return cleaned[-NAME:].lstrip("._-") or "image"


def listing(rows: Sequence[Sample], unsure: Collection[str] = ()) -> bytes:
    """Return a page as CSV for spreadsheets; texts that they take for a formula are disarmed."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["path", "sha256", "pattern", "score", "decision", "fault"])
    for row in rows:
        decision = decided(row.decision, row.pattern not in unsure)
        cells = (row.path, row.sha256, row.pattern, row.score, decision, row.fault or "")
        writer.writerow(map(harmless, cells))
    return out.getvalue().encode("utf-8-sig")  # without the mark, Excel misreads Japanese


@st.cache_data(max_entries=64, ttl=FRESH_S, show_spinner=False)
def _total(database_url: str, wanted: Wanted, _view: View) -> int:
    with _view.session() as session:
        return count(session, wanted)


def score_of(one: Sample | Judgement) -> str:
    """Return a score as text: none where the picture tells nothing of its part."""
    return f"{one.score:.2f}" if is_judged(one.fault) else "–"
