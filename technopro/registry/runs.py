"""Runs: opened as running, closed as completed or failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from technopro import __version__
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


def start_run(
    session: Session,
    kind: str,
    parameters: Mapping[str, Any],
    *,
    seed: int | None,
    device: str | None,
    prefect_run_id: str | None = None,
) -> str:
    """Record a run as running and return its id."""
    run = Run(
        id=str(uuid4()),
        kind=kind,
        state="running",
        parameters=dict(parameters),
        code_version=__version__,
        seed=seed,
        device=device,
        prefect_run_id=prefect_run_id,
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
) -> None:
    """Close a run as `completed` or `failed`."""
    run = _get(session, run_id)
    run.state, run.message = state, message
    run.figures = dict(figures or {})
    run.finished_at = datetime.now(UTC)


def run_row(session: Session, run_id: str) -> RunRow:
    """Return a run; raises RegistryError where there is none."""
    run = _get(session, run_id)
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
    )


def _get(session: Session, run_id: str) -> Run:
    run = session.get(Run, run_id)
    if run is None:
        raise RegistryError(f"expected a run {run_id}, found none in this database")
    return run
