"""The deployment file says what the code deploys, and everything in it exists."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect.events import DeploymentEventTrigger

from flows import FLOWS, POOL_OF
from flows.automations import TIMES, automations
from flows.deploy import ROOT, deployments
from technopro.settings import Settings

FILE = Path(__file__).parents[2] / "prefect.yaml"
WRITTEN: dict[str, dict[str, Any]] = {
    one["name"]: one for one in yaml.safe_load(FILE.read_text())["deployments"]
}


MADE = {str(one.name): one for one in deployments(Settings(_env_file=None))}


def test_every_deployment_is_in_the_file() -> None:
    assert set(WRITTEN) == set(MADE) == {*FLOWS, *(one.split("/")[1] for one in POOL_OF)}


@pytest.mark.parametrize("name", MADE)
def test_the_file_deploys_what_the_code_does(name: str) -> None:
    written, made = WRITTEN[name], MADE[name]
    assert set(written) <= {
        "name", "entrypoint", "work_pool", "concurrency_limit", "schedules", "triggers",
    }  # fmt: skip
    assert written["entrypoint"] == made.entrypoint
    assert written["work_pool"]["name"] == made.work_pool_name
    assert written.get("concurrency_limit", {}) == (
        {}
        if made.concurrency_options is None
        else {
            "limit": made.concurrency_limit,
            "collision_strategy": made.concurrency_options.collision_strategy.value,
        }
    )
    assert (made.concurrency_options is None) == (name == "shard")
    schedules = [one.schedule for one in made.schedules or []]
    assert written.get("schedules", []) == [
        {"cron": one.cron, "timezone": one.timezone}  # type: ignore[union-attr]
        for one in schedules
    ]
    triggers = written.get("triggers", [])
    assert all(one.pop("type") == "event" for one in map(dict, triggers))
    assert [DeploymentEventTrigger.model_validate(one) for one in triggers] == made.triggers


@pytest.mark.parametrize("name", MADE)
def test_entrypoints_and_trigger_parameters_exist(name: str) -> None:
    file, _, function = WRITTEN[name]["entrypoint"].partition(":")
    assert (ROOT / file).exists()
    flow = getattr(import_module(file.removesuffix(".py").replace("/", ".")), function)
    assert flow.name == name.removesuffix("-gpu")
    known = set(flow.parameters.properties)
    for trigger in WRITTEN[name].get("triggers", []):
        assert set(trigger["parameters"]) <= known


def test_a_run_that_keeps_crashing_is_given_up() -> None:
    *_, again = automations(FLOWS, [], timedelta(seconds=240))
    counts = again.model_dump()["trigger"]["match"]["prefect.run-count"]
    assert counts == [str(count) for count in range(TIMES + 1)]
