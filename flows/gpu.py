"""Learning on a worker with a GPU, where the plant has one."""

from __future__ import annotations

from typing import cast

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, WorkerStatus
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound
from prefect.logging import get_run_logger

from flows import GPU_POOL, ON_GPU
from flows.steps import Effort, learn
from technopro.errors import TechnoproError
from technopro.pipeline import Which
from technopro.settings import Settings

TRIES = 3  # a GPU worker that dies leaves what it had learned


def learn_where_wished(batch_id: int, effort: Effort, which: Which) -> None:
    """Learn here or on a worker of the pool `gpu`, as TECHNOPRO_GPU says.

    Raises TechnoproError where learning there failed.
    """
    wish = Settings().gpu
    there = wish != "never" and _is_there()
    if wish != "never" and not there:
        so = "learning here" if wish == "prefer" else "waiting for one"
        get_run_logger().warning("no worker of the pool %s is online: %s", GPU_POOL, so)
    if there or wish == "wait":
        _learn_there(batch_id, effort, which)
    else:
        learn(batch_id, effort, which=which)


def _is_there() -> bool:
    """Return whether a worker of the pool answers."""
    with get_client(sync_client=True) as client:
        try:
            found = client.read_workers_for_work_pool(GPU_POOL)
        except ObjectNotFound:
            return False
    return any(worker.status is WorkerStatus.ONLINE for worker in found)


def _learn_there(batch_id: int, effort: Effort, which: Which) -> None:
    parameters = {"batch_id": batch_id, "effort": effort.model_dump(), "which": which}
    for _ in range(TRIES):
        run = cast("FlowRun", run_deployment(ON_GPU, parameters=parameters))
        if run.state is not None and run.state.is_completed():
            return
        if run.state is None or not run.state.is_crashed():
            break
        get_run_logger().warning("the GPU worker died; it goes on where it was")
    words = "" if run.state is None else f"{run.state.name}: {run.state.message}"
    raise TechnoproError(f"learning on the GPU worker ended as {words}; see run {run.name}")
