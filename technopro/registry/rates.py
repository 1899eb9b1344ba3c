"""Defect rates by pattern, line, batch and day, and night by night.

Where a batch was scored by several runs, the newest that completed counts. The intervals of several
nights or patterns are combined as if all erred to the same side at once: ends are averaged by the
number of images. That is on the safe side for errors that are independent, and exact for a common
one, such as a model that is too strict on every night.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Literal, get_args

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from technopro.decision.corrected import Corrected
from technopro.errors import InputError
from technopro.registry.newest import newest_scorings
from technopro.registry.sample import Sampled, corrected_by, sampled
from technopro.registry.tables import Batch, DefectRate, Run
from technopro.results import Estimate

By = Literal["pattern", "line", "batch", "day"]
NO_LINE = "no line"


@dataclass(frozen=True)
class RateRow:
    """Defect rate of one pattern, line, batch, day or night.

    `images` and `flagged` are counted as the nights counted them. `corrected` speaks of those runs
    of which people looked at a random part, and says of how many parts that is.
    """

    subject: str  # name of the pattern or line, number and source of the batch, date, run id
    at: datetime  # when the newest batch arrived, UTC
    runs: tuple[str, ...]  # oldest batch first
    images: int
    flagged: int
    known: int  # images of nights that could tell good from bad …
    share: Estimate | None  # … which alone count; None where there is none
    corrected: Corrected | None


@dataclass(frozen=True)
class _Night:
    """One pattern in one batch, by the newest run that scored it."""

    run_id: str
    batch: str
    line: str
    at: datetime
    pattern: str
    images: int
    flagged: int
    separable: bool
    share: Estimate


def rates(
    session: Session,
    by: str,
    *,
    zone: tzinfo = UTC,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[RateRow]:
    """Return defect rates by `pattern`, `line`, `batch` or `day` of batches that arrived between.

    Days are those of `zone`. Patterns and lines of the largest share come first, and the newest
    batches and days.
    Raises InputError for anything else to sort by.
    """
    if by not in get_args(By):
        raise InputError(f"expected a rate by {', '.join(get_args(By))}, found {by!r}")
    subject: Callable[[_Night], str] = {
        "pattern": lambda n: n.pattern,
        "line": lambda n: n.line,
        "batch": lambda n: n.batch,
        "day": lambda n: n.at.astimezone(zone).date().isoformat(),
    }[by]
    found = _newest(session, *_between(since, until))
    rows = _grouped(session, found, subject)
    if by in ("batch", "day"):
        return sorted(rows, key=lambda row: row.at, reverse=True)
    return sorted(rows, key=_largest_first)


def trend(
    session: Session, nights: int = 90, *, pattern: str | None = None, line: str | None = None
) -> list[RateRow]:
    """Return the newest nights (batches that were scored), oldest first; the subject is the run.

    Of all parts, or of one pattern, or of one line.
    """
    scored = exists().where(
        DefectRate.batch_id == Batch.id,
        DefectRate.run_id == Run.id,
        Run.state == "completed",
        *([] if pattern is None else [DefectRate.pattern == pattern]),
    )
    newest = select(Batch.id).where(scored).order_by(Batch.created_at.desc(), Batch.id.desc())
    if line is not None:
        newest = newest.where(Batch.line == line)
    found = _newest(session, Batch.id.in_(session.scalars(newest.limit(nights)).all()))
    own = [n for n in found if pattern is None or n.pattern == pattern]
    rows = _grouped(session, own, lambda n: n.run_id)
    return sorted(rows, key=lambda row: (row.at, row.subject))


def combined(shares: Sequence[Estimate], images: Sequence[int]) -> Estimate:
    """Return the share of all images, its ends averaged by their number; 0 to 1 without images."""
    total = sum(images)
    if not total:
        return Estimate(0.0, 0.0, 1.0)

    def mean(values: Iterable[float]) -> float:
        return min(1.0, sum(v * n for v, n in zip(values, images, strict=True)) / total)

    return Estimate(
        mean(s.estimate for s in shares), mean(s.low for s in shares), mean(s.high for s in shares)
    )


def _largest_first(row: RateRow) -> tuple[float, str]:
    return 1.0 if row.share is None else -row.share.estimate, row.subject


def _between(since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    conditions = []
    if since is not None:
        conditions.append(Batch.created_at >= since)
    if until is not None:
        conditions.append(Batch.created_at <= until)
    return conditions


def _newest(session: Session, *conditions: ColumnElement[bool]) -> list[_Night]:
    """Return every pattern of the newest completed run of each batch, oldest batch first."""
    newest = newest_scorings()
    rows = session.execute(
        select(DefectRate, Batch)
        .join(newest, newest.c.run_id == DefectRate.run_id)
        .join(Batch, Batch.id == DefectRate.batch_id)
        .where(*conditions)
        .order_by(Batch.created_at, Batch.id, DefectRate.pattern)
    )
    return [_night(rate, batch) for rate, batch in rows]


def _night(rate: DefectRate, batch: Batch) -> _Night:
    return _Night(
        rate.run_id,
        f"{batch.id} {batch.source}",
        batch.line or NO_LINE,
        batch.created_at,
        rate.pattern,
        rate.images,
        rate.flagged,
        rate.separable,
        Estimate(rate.share, rate.share_low, rate.share_high),
    )


def _grouped(
    session: Session, found: Sequence[_Night], subject: Callable[[_Night], str]
) -> list[RateRow]:
    groups: dict[str, list[_Night]] = {}
    for night in found:
        groups.setdefault(subject(night), []).append(night)
    cells: dict[tuple[str, str], list[Sampled]] = {}
    for cell in sampled(session, sorted({n.run_id for n in found})):
        cells.setdefault((cell.run_id, cell.pattern), []).append(cell)
    return [_row(name, own, cells) for name, own in groups.items()]


def _row(
    subject: str, own: Sequence[_Night], cells: Mapping[tuple[str, str], Sequence[Sampled]]
) -> RateRow:
    known = [n for n in own if n.separable]
    return RateRow(
        subject,
        max(n.at for n in own),
        tuple(dict.fromkeys(n.run_id for n in own)),
        sum(n.images for n in own),
        sum(n.flagged for n in own),
        sum(n.images for n in known),
        combined([n.share for n in known], [n.images for n in known]) if known else None,
        corrected_by(cell for n in own for cell in cells.get((n.run_id, n.pattern), ())),
    )
