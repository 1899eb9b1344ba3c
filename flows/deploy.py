"""Deployments from code, so that an installed package needs no checkout."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from prefect import Flow, flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectAlreadyExists
from prefect.schedules import Cron

from flows import FLOWS
from flows.automations import deploy_automations
from flows.events import on_new_pattern
from technopro.settings import Settings

ROOT = Path(__file__).parents[1]
POOL = "cpu"


def deploy_all(settings: Settings) -> None:
    """Create the work pool, (re)deploy every flow with its schedules, and the automations."""
    with get_client(sync_client=True) as client:
        with suppress(ObjectAlreadyExists):
            client.create_work_pool(WorkPoolCreate(name=POOL, type="process"))
        for name in FLOWS:
            deployment(name, settings).apply()
        deploy_automations(client, FLOWS)


def deployment(name: str, settings: Settings) -> RunnerDeployment:
    """Return a flow's deployment: where it runs, when, and how often at once."""
    source: Flow[Any, Any] = flow.from_source(  # type: ignore[assignment]
        source=str(ROOT), entrypoint=f"flows/{name}.py:{name}"
    )
    one_at_a_time = ConcurrencyLimitConfig(
        limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE
    )
    crons = {"nightly": settings.schedule, "maintain": settings.maintain_schedule}
    return source.to_deployment(  # type: ignore[return-value]
        name=name,
        work_pool_name=POOL,
        schedules=[Cron(crons[name], timezone=settings.timezone)] if name in crons else [],
        triggers=[on_new_pattern()] if name == "new_pattern" else [],
        concurrency_limit=one_at_a_time,
        job_variables={"env": {"PYTHONPATH": str(ROOT)}},
    )
