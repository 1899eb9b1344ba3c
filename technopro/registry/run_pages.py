"""The history of runs, a page at a time."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from technopro.registry.runs import RunRow, run_row
from technopro.registry.tables import Run


def count_runs(session: Session, *, kind: str | None = None, state: str | None = None) -> int:
    """Return how many runs there are of a kind and state; None stands for all."""
    return session.scalar(_chosen(select(func.count(Run.id)), kind, state)) or 0


def page_of_runs(
    session: Session, number: int, size: int, *, kind: str | None = None, state: str | None = None
) -> list[RunRow]:
    """Return page `number` (from 1) of at most `size` runs of a kind and state, newest first."""
    wanted = select(Run).order_by(Run.started_at.desc(), Run.id)
    wanted = _chosen(wanted, kind, state).offset((number - 1) * size).limit(size)
    return [run_row(session, run.id) for run in session.scalars(wanted).all()]  # all are loaded


def _chosen(wanted: Select[Any], kind: str | None, state: str | None) -> Select[Any]:
    if kind is not None:
        wanted = wanted.where(Run.kind == kind)
    return wanted if state is None else wanted.where(Run.state == state)
