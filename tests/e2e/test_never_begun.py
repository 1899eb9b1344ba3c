"""A run that a worker took, and of which nothing was heard again, on a real Prefect server."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from live import PrefectApi, wait_for
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows import automations
from flows.deploy import deploy_all
from flows.server import temporary_server
from technopro.settings import Settings


@pytest.mark.parametrize("state", ["PENDING", "RUNNING"])
def test_a_run_that_gave_no_sign_of_life_is_started_again(
    state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon = {name: timedelta(seconds=10) for name in ("SILENT", "UNBEGUN", "REST")}
    for name, seconds in soon.items():
        monkeypatch.setattr(automations, name, seconds)
    with temporary_server(tmp_path) as api, temporary_settings({PREFECT_API_URL: api}):
        deploy_all(Settings(home=tmp_path / "home", _env_file=None))
        server = PrefectApi(api)
        run = server.start_run("nightly", {})  # no worker is there
        server.ask(f"/flow_runs/{run}/set_state", {"state": {"type": state}})

        def again() -> bool:
            return bool(server.ask(f"/flow_runs/{run}")["state"]["name"] == "AwaitingRetry")

        wait_for("the run to be started again", again, 120)
        states = server.ask(f"/flow_run_states/?flow_run_id={run}")
    assert [one["type"] for one in states] == ["SCHEDULED", state, "CRASHED", "SCHEDULED"]
