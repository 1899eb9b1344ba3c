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

from flows import FLOWS, GPU_POOL, ON_GPU, POOL
from flows.automations import deploy_automations
from flows.events import on_new_pattern
from technopro.settings import Settings

ROOT = Path(__file__).parents[1]


def deploy_all(settings: Settings) -> None:
    """Create the work pools, (re)deploy every flow with its schedules, and the automations."""
    with get_client(sync_client=True) as client:
        for pool in (POOL, GPU_POOL):
            with suppress(ObjectAlreadyExists):
                client.create_work_pool(WorkPoolCreate(name=pool, type="process"))
        for one in deployments(settings):
            one.apply()
        deploy_automations(client, FLOWS)


def deployments(settings: Settings) -> list[RunnerDeployment]:
    """Return every deployment: where it runs, when, and how often at once."""
    flow_name, name = ON_GPU.split("/")
    crons = {"nightly": settings.schedule, "maintain": settings.maintain_schedule}
    return [
        *(_deployment(flow, flow, POOL, crons.get(flow), settings) for flow in FLOWS),
        _deployment(flow_name, name, GPU_POOL, None, settings),
    ]


def _deployment(
    flow_name: str, name: str, pool: str, cron: str | None, settings: Settings
) -> RunnerDeployment:
    source: Flow[Any, Any] = flow.from_source(  # type: ignore[assignment]
        source=str(ROOT), entrypoint=f"flows/{flow_name}.py:{flow_name}"
    )
    one_at_a_time = ConcurrencyLimitConfig(
        limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE
    )
    return source.to_deployment(  # type: ignore[return-value]
        name=name,
        work_pool_name=pool,
        schedules=[Cron(cron, timezone=settings.timezone)] if cron else [],
        triggers=[on_new_pattern()] if name == "new_pattern" else [],
        concurrency_limit=one_at_a_time,
        job_variables={"env": {"PYTHONPATH": str(ROOT)}},
    )
