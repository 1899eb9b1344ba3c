"""Patterns over the nights, and the scores of one night in bins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Integer, cast, func, select
from sqlalchemy.orm import Session

from technopro.errors import InputError
from technopro.registry.newest import newest_scorings
from technopro.registry.tables import DefectRate, Prediction
from technopro.results import Estimate


@dataclass(frozen=True)
class TrendRow:
    """One pattern in one night."""

    run_id: str
    batch_id: int
    at: datetime  # when the night was scored
    pattern: str
    images: int
    flagged: int
    separable: bool
    share: Estimate  # of defects, 0 to 1


def pattern_trend(session: Session, nights: int = 90, pattern: str | None = None) -> list[TrendRow]:
    """Return the last nights by pattern, oldest first; of one pattern or of all.

    A batch that was scored again counts once, as it was scored last. `images` by pattern is the
    night's mix.
    """
    scored = newest_scorings()
    last = select(scored).order_by(scored.c.started_at.desc()).limit(nights).subquery()
    r = DefectRate
    wanted = select(
        r.run_id, r.batch_id, last.c.started_at, r.pattern, r.images, r.flagged, r.separable,
        r.share, r.share_low, r.share_high,
    ).join(last, last.c.run_id == r.run_id)  # fmt: skip
    if pattern is not None:
        wanted = wanted.where(r.pattern == pattern)
    rows = session.execute(wanted.order_by(last.c.started_at, r.pattern))
    return [
        TrendRow(run, batch, at, name, images, flagged, separable, Estimate(share, low, high))
        for run, batch, at, name, images, flagged, separable, share, low, high in rows
    ]


def score_histogram(
    session: Session, run_id: str, pattern: str | None = None, bins: int = 50
) -> list[int]:
    """Return how many images of a night scored in each of `bins` equal bins from 0 to 1.

    A score of 1 lies in the last. Raises InputError for less than one bin.
    """
    if bins < 1:
        raise InputError(f"expected at least one bin, found {bins}")
    bin_number = _floor(session, Prediction.score * bins).label("bin")
    wanted = select(bin_number, func.count()).where(Prediction.run_id == run_id)
    if pattern is not None:
        wanted = wanted.where(Prediction.pattern == pattern)
    counts = [0] * bins
    for number, count in session.execute(wanted.group_by(bin_number)):
        counts[min(number, bins - 1)] += count
    return counts


def _floor(session: Session, value: ColumnElement[float]) -> ColumnElement[int]:
    """Cut off what is behind the point: SQLite's cast does, PostgreSQL's rounds."""
    whole = value if session.get_bind().dialect.name == "sqlite" else func.floor(value)
    return cast(whole, Integer)
