"""Start a deployed flow by hand: its parameters are checked before anything runs."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, cast
from uuid import UUID

from flows import FLOWS
from technopro.errors import InputError, TechnoproError

if TYPE_CHECKING:
    from prefect.client.schemas.objects import FlowRun

Stage = Literal["waiting", "running", "completed", "failed"]
API = "http://127.0.0.1:4200/api"  # of `technopro up` with its default port


@dataclass(frozen=True)
class Started:
    """A run that waits for its worker."""

    id: str
    name: str
    page: str  # its address in Prefect


def start(flow: str, given: Sequence[str]) -> Started:
    """Ask the Prefect server for a run of a flow with parameters given as `name=value`.

    Values are read as JSON where they are, else as text. Raises InputError for a flow or parameter
    that there is not, TechnoproError where no server answers.
    """
    if flow not in FLOWS:
        raise InputError(f"expected a flow among {', '.join(FLOWS)}, found {flow!r}")
    os.environ.setdefault("PREFECT_API_URL", API)
    import httpx
    from prefect.deployments import run_deployment
    from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError

    parameters = _checked(flow, dict(map(_parameter, given)))
    try:
        run = cast(
            "FlowRun",
            run_deployment(f"{flow}/{flow}", parameters=parameters, timeout=0, as_subflow=False),
        )
    except (ObjectNotFound, httpx.HTTPError, RuntimeError, ValueError) as error:
        if isinstance(error, PrefectHTTPStatusError):
            raise InputError(f"{flow}: the Prefect server refuses: {error.response.text}") from None
        raise TechnoproError(
            f"no flow {flow!r} can be started at {os.environ['PREFECT_API_URL']} ({error}); start "
            "`technopro up`, or set PREFECT_API_URL"
        ) from None
    server = os.environ["PREFECT_API_URL"].removesuffix("/api")
    return Started(str(run.id), str(run.name), f"{server}/runs/flow-run/{run.id}")


def stage_of(run_id: str) -> Stage:
    """Return how far a started run is; raises TechnoproError where no server can tell."""
    os.environ.setdefault("PREFECT_API_URL", API)
    import httpx
    from prefect.client.orchestration import get_client
    from prefect.exceptions import ObjectNotFound

    try:
        with get_client(sync_client=True) as client:
            state = client.read_flow_run(UUID(run_id)).state
    except (ObjectNotFound, httpx.HTTPError, RuntimeError) as error:
        raise TechnoproError(
            f"nobody at {os.environ['PREFECT_API_URL']} knows how run {run_id} goes ({error})"
        ) from None
    if state is None or not (state.is_final() or state.is_running()):
        return "waiting"
    if state.is_running():
        return "running"
    return "completed" if state.is_completed() else "failed"


def _parameter(given: str) -> tuple[str, Any]:
    name, equals, value = given.partition("=")
    if not equals or not name:
        raise InputError(f"expected name=value, found {given!r}")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


def _checked(flow: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Refuse here what the flow itself would refuse on the worker."""
    from prefect.exceptions import ParameterTypeError

    entry = getattr(import_module(f"flows.{flow}"), flow)
    known = list(entry.parameters.properties)
    if strange := sorted(parameters.keys() - set(known)):
        raise InputError(
            f"{flow}: expected parameters among {', '.join(known)}; found {', '.join(strange)}"
        )
    try:
        entry.validate_parameters(parameters)
    except ParameterTypeError as error:
        wrong = str(error).partition("\n")[2].strip().removeprefix("- ")
        raise InputError(f"{flow}: {wrong}") from None
    return parameters
