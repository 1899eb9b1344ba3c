"""Runs: opened as running, with signs of life meanwhile, closed as completed or failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, func, select, tuple_, update
from sqlalchemy.orm import Session

from technopro import __version__
from technopro.environment import ended_here, environment
from technopro.errors import RegistryError
from technopro.registry.tables import Run


@dataclass(frozen=True)
class RunRow:
    """One execution of a stage."""

    id: str
    kind: str
    state: str
    parameters: Mapping[str, Any]
    device: str | None
    started_at: datetime
    finished_at: datetime | None
    message: str | None
    figures: Mapping[str, Any]
    environment: Mapping[str, Any]  # empty in runs of earlier releases
    alive_at: datetime | None  # the last sign of life


def start_run(
    session: Session,
    kind: str,
    parameters: Mapping[str, Any],
    *,
    seed: int | None,
    device: str | None,
    prefect_run_id: str | None = None,
) -> str:
    """Record a run as running, with versions and machine, and return its id."""
    moment = datetime.now(UTC)
    run = Run(
        id=str(uuid4()),
        kind=kind,
        state="running",
        parameters=dict(parameters),
        code_version=__version__,
        environment=environment(),
        seed=seed,
        device=device,
        prefect_run_id=prefect_run_id,
        started_at=moment,
        alive_at=moment,
    )
    session.add(run)
    session.flush()
    return run.id


def finish_run(
    session: Session,
    run_id: str,
    state: str,
    *,
    message: str | None = None,
    figures: Mapping[str, Any] | None = None,
    device: str | None = None,
) -> None:
    """Close a run as `completed` or `failed`, with the device it computed on, if any."""
    run = _get(session, run_id)
    run.state, run.message = state, message
    run.device = device or run.device
    run.figures = dict(figures or {})
    run.finished_at = datetime.now(UTC)


def beat(session: Session, run_id: str) -> None:
    """Note that a run is still at work; one that is closed stays as it is."""
    own = (Run.id == run_id) & (Run.state == "running")
    session.execute(update(Run).where(own).values(alive_at=datetime.now(UTC)))


def ahead_of(session: Session, run_id: str, silent: timedelta) -> RunRow | None:
    """Return the first run of the same kind that started before this one and is still at work.

    One without a sign of life for so long is not.
    """
    own = _get(session, run_id)
    before = tuple_(Run.started_at, Run.id) < (own.started_at, own.id)
    at_work = (Run.kind == own.kind) & (Run.state == "running") & ~_silent(silent)
    wanted = select(Run).where(before, at_work).order_by(Run.started_at, Run.id)
    runs = (_row(run) for run in session.scalars(wanted))
    return next((run for run in runs if not ended_here(run.environment)), None)


def stale_runs(session: Session, older_than: timedelta) -> list[RunRow]:
    """Return the runs still called running that gave no sign of life for so long, oldest first."""
    wanted = select(Run).where(_silent(older_than)).order_by(Run.started_at, Run.id)
    return [_row(run) for run in session.scalars(wanted)]


def close_stale(session: Session, older_than: timedelta) -> list[RunRow]:
    """Close them as failed, at the time of their last sign of life, and return them.

    One that shows life in this very moment stays open; one that ends well after all is completed.
    """
    closed = []
    for run in stale_runs(session, older_than):
        last = run.alive_at or run.started_at
        values = {"state": "failed", "finished_at": last, "message": _no_life(run, last)}
        still = (Run.id == run.id) & _silent(older_than)
        found = session.scalar(update(Run).where(still).values(values).returning(Run.id))
        closed += [] if found is None else [run_row(session, run.id)]
    return closed


def _silent(older_than: timedelta) -> ColumnElement[bool]:
    last = func.coalesce(Run.alive_at, Run.started_at)
    return (Run.state == "running") & (last < datetime.now(UTC) - older_than)


def _no_life(run: RunRow, last: datetime) -> str:
    where = run.environment
    process = f"process {where['process']} on {where['host']}" if where else "its process"
    return (
        f"no sign of life of {process} since {last:%Y-%m-%d %H:%M:%S} UTC: it was killed, or its "
        f"machine stopped; closed {datetime.now(UTC):%Y-%m-%d %H:%M} UTC. Start it again"
    )


def run_row(session: Session, run_id: str) -> RunRow:
    """Return a run; raises RegistryError where there is none."""
    return _row(_get(session, run_id))


def recent_runs(
    session: Session, *, kind: str | None = None, state: str | None = None, limit: int = 20
) -> list[RunRow]:
    """Return runs of a kind and state, newest first."""
    wanted = select(Run).order_by(Run.started_at.desc(), Run.id).limit(limit)
    if kind is not None:
        wanted = wanted.where(Run.kind == kind)
    if state is not None:
        wanted = wanted.where(Run.state == state)
    return [_row(run) for run in session.scalars(wanted)]


def _row(run: Run) -> RunRow:
    return RunRow(
        run.id,
        run.kind,
        run.state,
        run.parameters,
        run.device,
        run.started_at,
        run.finished_at,
        run.message,
        run.figures or {},
        run.environment or {},
        run.alive_at,
    )


def _get(session: Session, run_id: str) -> Run:
    run = session.get(Run, run_id)
    if run is None:
        raise RegistryError(f"expected a run {run_id}, found none in this database")
    return run
