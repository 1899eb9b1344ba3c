"""Drift figures, and the nights that a new one is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopro.drift.figure import DriftFigure, Level
from technopro.registry import tables
from technopro.registry.newest import newest_scorings
from technopro.registry.tables import DefectRate


@dataclass(frozen=True)
class PastNight:
    """How many images of each pattern a scoring run saw, and which model judged them."""

    run_id: str
    images: dict[str, int]
    models: dict[str, int]


def past_nights(session: Session, batch_id: int, limit: int) -> list[PastNight]:
    """Return the last nights before a batch, newest first; of a batch its newest scoring run."""
    scored = newest_scorings()
    last = (
        select(scored.c.run_id)
        .where(scored.c.batch_id < batch_id)
        .order_by(scored.c.batch_id.desc())
        .limit(limit)
    )
    rows = session.scalars(
        select(DefectRate)
        .where(DefectRate.run_id.in_(last))
        .order_by(DefectRate.batch_id.desc(), DefectRate.pattern)
    )
    nights: dict[str, PastNight] = {}
    for rate in rows:
        night = nights.setdefault(rate.run_id, PastNight(rate.run_id, {}, {}))
        night.images[rate.pattern] = rate.images
        night.models[rate.pattern] = rate.model_id
    return list(nights.values())


def record_drift(session: Session, run_id: str, figures: Sequence[DriftFigure]) -> None:
    """Record what a run found changed or unchanged."""
    session.add_all(
        tables.DriftFigure(run_id=run_id, **{**vars(figure), "level": figure.level.value})
        for figure in figures
    )
    session.flush()


def drift_figures(session: Session, run_ids: Sequence[str]) -> list[DriftFigure]:
    """Return what some runs found, in the order in which it was recorded."""
    rows = session.scalars(
        select(tables.DriftFigure)
        .where(tables.DriftFigure.run_id.in_(run_ids))
        .order_by(tables.DriftFigure.id)
    )
    return [_figure(row) for row in rows]


def _figure(row: tables.DriftFigure) -> DriftFigure:
    return DriftFigure(
        row.kind,  # type: ignore[arg-type]  # the database knows the kinds
        row.pattern,
        row.statistic,
        row.value,
        row.p_value,
        row.low,
        row.high,
        Level(row.level),
        row.words,
    )
