"""What all flows have in common: a time limit, and at the end an alert, and telling people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from prefect import Flow
from prefect.client.schemas.objects import FlowRun, State
from prefect.logging.loggers import flow_run_logger
from sqlalchemy.orm import Session

from technopro import pipeline, registry
from technopro.alerting import tell_failure, tell_success
from technopro.notify import tell_people


def succeeded(flow: Flow[Any, Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Close the alert of an earlier failure, then tell what waits."""
    _record_and_tell(flow, flow_run, lambda session: tell_success(session, flow.name))


def failed(flow: Flow[Any, Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Raise an alert with the reason, then tell it; of a crash Prefect asks by these names."""
    reason = (state.message or state.name or "").removeprefix(PREFIX)
    _record_and_tell(flow, flow_run, lambda session: tell_failure(session, flow.name, reason))


PREFIX = "Flow run encountered an exception: "
TIME_LIMIT_S = 20 * 3600.0  # the next night needs its turn
COMMON: dict[str, Any] = {
    "log_prints": True,
    "timeout_seconds": TIME_LIMIT_S,
    "on_completion": [succeeded],
    "on_failure": [failed],
    "on_crashed": [failed],
}


def _record_and_tell(flow: Flow[Any, Any], run: FlowRun, record: Callable[[Session], None]) -> None:
    logger = flow_run_logger(run, flow)
    plant = pipeline.open_plant()
    with registry.unit_of_work(plant.engine) as session:
        record(session)
        session.commit()
    for told in tell_people(plant):
        outcome = "did NOT get through" if told.failed else "sent through"
        logger.info("%d alert(s) %s %s", told.alerts, outcome, told.channel)
