"""Work handed to the workers of another pool, and taken back where none of them is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from time import sleep
from typing import Any, cast

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun, WorkerStatus
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound, PrefectException
from prefect.logging import get_run_logger
from prefect.states import Cancelled

from flows import POOL_OF
from technopro.errors import TechnoproError
from technopro.plant import Tick
from technopro.settings import Elsewhere

TRIES = 3  # for a run whose worker dies; what it had finished counts
SAID = 200  # letters of a refusal, which repeats all that was asked
LOOK_S = 2.0  # between two looks at how far the runs are


def have_done(
    deployment: str, orders: Sequence[Mapping[str, Any]], wish: Elsewhere, tick: Tick
) -> bool:
    """Have a run of a deployment done for each order (its parameters); return whether all were.

    With `never`, none is. With `prefer`, what no worker has begun is taken back where none is
    there. Raises TechnoproError where a run fails.
    """
    if wish == "never":
        return False
    if not workers_there(deployment):
        _say(deployment, "doing it here" if wish == "prefer" else "waiting for one")
        if wish == "prefer":
            return False
    runs = [_start(deployment, order) for order in orders]
    crashes, done = [0] * len(runs), 0
    with get_client(sync_client=True) as client:
        while done < len(runs):
            sleep(LOOK_S)
            with suppress(httpx.HTTPError, PrefectException):  # a server that is away comes back
                runs = [_now(client, run) for run in runs]
            for number, run in enumerate(runs):
                if run.state is not None and run.state.is_crashed() and crashes[number] < TRIES - 1:
                    crashes[number] += 1
                    get_run_logger().warning("the worker of %s died; it is begun again", run.name)
                    runs[number] = _start(deployment, orders[number])
                elif _failed(run):
                    _take_back(client, runs)
                    words = f"{run.state.name}: {run.state.message}" if run.state else ""
                    raise TechnoproError(f"{deployment} ended as {words}; see run {run.name}")
            done = sum(_completed(run) for run in runs)
            tick(done, len(runs))
            idle = all(_completed(run) or _waits(run) for run in runs)
            if done < len(runs) and idle and wish == "prefer" and not workers_there(deployment):
                _say(deployment, "doing it here")
                _take_back(client, runs)
                return False
    return True


def workers_there(deployment: str) -> int:
    """Return how many workers of the deployment's pool answer; 1 where the server cannot tell."""
    with get_client(sync_client=True) as client:
        try:
            found = client.read_workers_for_work_pool(POOL_OF[deployment])
        except ObjectNotFound:
            return 0
        except (httpx.HTTPError, PrefectException):
            return 1
    return sum(worker.status is WorkerStatus.ONLINE for worker in found)


def _say(deployment: str, so: str) -> None:
    get_run_logger().warning("no worker of the pool %s is online: %s", POOL_OF[deployment], so)


def _start(deployment: str, order: Mapping[str, Any]) -> FlowRun:
    try:
        return cast("FlowRun", run_deployment(deployment, parameters=dict(order), timeout=0))
    except (httpx.HTTPError, PrefectException) as error:
        words = str(error).strip().splitlines()[0][:SAID]
        raise TechnoproError(f"Prefect takes no run of {deployment}: {words}") from error


def _now(client: SyncPrefectClient, run: FlowRun) -> FlowRun:
    return run if _completed(run) else client.read_flow_run(run.id)


def _take_back(client: SyncPrefectClient, runs: Sequence[FlowRun]) -> None:
    for run in runs:
        if _waits(run):
            with suppress(httpx.HTTPError, PrefectException):
                client.set_flow_run_state(run.id, Cancelled(message="taken back"), force=True)


def _completed(run: FlowRun) -> bool:
    return run.state is not None and run.state.is_completed()


def _failed(run: FlowRun) -> bool:
    return run.state is not None and run.state.is_final() and not run.state.is_completed()


def _waits(run: FlowRun) -> bool:
    return run.state is None or run.state.is_scheduled()
