"""A running Prefect server as the tests talk to it: plain HTTP, with patience."""

from __future__ import annotations

import base64
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest

PATIENCE_S = 900


def wait_for(what: str, check: Callable[[], Any], patience_s: float = PATIENCE_S) -> Any:  # noqa: ANN401
    """Return what `check` finds at last."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        found = check()
        if found:
            return found
        time.sleep(1)
    return pytest.fail(f"{what} did not happen within {patience_s} s")


@dataclass(frozen=True)
class PrefectApi:
    """A Prefect server at `api`; `auth` is user:password where it asks for one."""

    api: str
    auth: str | None = None

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:  # noqa: ANN401
        """Return the JSON answer to a GET, or with a body a POST."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"}
        if self.auth is not None:
            headers["authorization"] = f"Basic {base64.b64encode(self.auth.encode()).decode()}"
        request = urllib.request.Request(f"{self.api}{path}", data, headers)  # noqa: S310
        for _ in range(PATIENCE_S):
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code != HTTPStatus.SERVICE_UNAVAILABLE:  # so says a busy server
                    raise
            except (urllib.error.URLError, TimeoutError):
                pass  # it is being started, or busy
            time.sleep(1)
        return pytest.fail(f"the Prefect server did not answer {path}")

    def start_run(self, flow: str, parameters: dict[str, Any]) -> str:
        """Start a run of a flow's deployment; returns its id."""
        deployment = self.ask(f"/deployments/name/{flow}/{flow}")
        body = {"parameters": parameters, "state": {"type": "SCHEDULED"}}
        body["idempotency_key"] = str(uuid4())  # asked twice, the server starts one run
        return str(self.ask(f"/deployments/{deployment['id']}/create_flow_run", body)["id"])

    def end_of(self, run: str, patience_s: float = PATIENCE_S) -> str:
        """Wait for the end of a run; one that crashed is started again, so that is none."""

        def ended() -> str | None:
            state = self.ask(f"/flow_runs/{run}")["state"]["type"]
            return state if state in ("COMPLETED", "FAILED") else None

        return str(wait_for("the end of the run", ended, patience_s))

    def run_to_its_end(self, flow: str, parameters: dict[str, Any]) -> str:
        """Start a run and return the state in which it ended."""
        return self.end_of(self.start_run(flow, parameters))

    def runs_of(self, deployment: str) -> list[Any]:
        """Return the runs of a deployment, oldest first."""
        query = {"deployments": {"name": {"any_": [deployment]}}, "sort": "EXPECTED_START_TIME_ASC"}
        return list(self.ask("/flow_runs/filter", query))
