"""Deployments from code, so that an installed package needs no checkout."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from prefect import Flow, flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectAlreadyExists
from prefect.schedules import Cron

from flows import FLOWS, POOL, POOL_OF, SHARDS
from flows.automations import deploy_automations
from flows.events import on_new_pattern
from technopro.settings import Settings

ROOT = Path(__file__).parents[1]
ONE_AT_A_TIME = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE)


def deploy_all(settings: Settings) -> None:
    """Create the work pools, (re)deploy every flow with its schedules, and the automations."""
    with get_client(sync_client=True) as client:
        for pool in (POOL, *POOL_OF.values()):
            with suppress(ObjectAlreadyExists):
                client.create_work_pool(WorkPoolCreate(name=pool, type="process"))
        for one in deployments(settings):
            one.apply()
        elsewhere = [name.split("/")[0] for name in POOL_OF]
        silence = timedelta(seconds=settings.silence_s)
        deploy_automations(client, FLOWS, sorted({*FLOWS, *elsewhere}), silence)


def deployments(settings: Settings) -> list[RunnerDeployment]:
    """Return every deployment: where it runs, when, and how often at once."""
    crons = {"nightly": settings.schedule, "maintain": settings.maintain_schedule}
    here = {f"{flow_name}/{flow_name}": POOL for flow_name in FLOWS}
    return [
        _deployment(name, pool, crons.get(name.split("/")[1]), settings)
        for name, pool in (here | POOL_OF).items()
    ]


def _deployment(
    full_name: str, pool: str, cron: str | None, settings: Settings
) -> RunnerDeployment:
    flow_name, name = full_name.split("/")
    source: Flow[Any, Any] = flow.from_source(  # type: ignore[assignment]
        source=str(ROOT), entrypoint=f"flows/{flow_name}.py:{flow_name}"
    )
    return source.to_deployment(  # type: ignore[return-value]
        name=name,
        work_pool_name=pool,
        schedules=[Cron(cron, timezone=settings.timezone)] if cron else [],
        triggers=[on_new_pattern()] if name == "new_pattern" else [],
        concurrency_limit=None if full_name == SHARDS else ONE_AT_A_TIME,
        job_variables={"env": {"PYTHONPATH": str(ROOT)}},
    )
