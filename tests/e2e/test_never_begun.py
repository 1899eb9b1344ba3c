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


def test_a_run_that_gave_no_sign_of_life_is_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, seconds in {"UNBEGUN": 10, "REST": 40}.items():  # a busy server is told of it late
        monkeypatch.setattr(automations, name, timedelta(seconds=seconds))
    with temporary_server(tmp_path) as api, temporary_settings({PREFECT_API_URL: api}):
        settings = Settings(home=tmp_path / "home", _env_file=None)
        deploy_all(settings.model_copy(update={"silence_s": 10}))
        server = PrefectApi(api)
        runs = {}
        for state, flow in {"PENDING": "nightly", "RUNNING": "score"}.items():  # without a worker
            runs[state] = server.start_run(flow, {})
            server.ask(f"/flow_runs/{runs[state]}/set_state", {"state": {"type": state}})

        def again() -> bool:
            names = {server.ask(f"/flow_runs/{run}")["state"]["name"] for run in runs.values()}
            return names == {"AwaitingRetry"}

        wait_for("the runs to be started again", again, 120)
        for state, run in runs.items():
            states = server.ask(f"/flow_run_states/?flow_run_id={run}")
            told = [one["type"] for one in states]
            assert told == ["SCHEDULED", state, "CRASHED", "SCHEDULED"]
