"""What is tried again, and what is not."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from prefect.states import Completed, Failed

from flows import steps
from flows.steps import may_pass
from technopro import registry
from technopro.errors import InputError, RegistryError, StoreError, WeightsError
from technopro.plant import open_plant
from technopro.settings import Settings


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (StoreError("no answer"), True),
        (RegistryError("no answer"), True),
        (OSError("no room"), True),
        (InputError("a wrong path"), False),
        (WeightsError("damaged"), False),
        (ValueError("a mistake of ours"), False),
    ],
)
def test_only_what_time_may_heal_is_tried_again(error: Exception, again: bool) -> None:
    assert may_pass(None, None, Failed(data=error)) is again


def test_what_went_well_is_not_done_again() -> None:
    assert not may_pass(None, None, Completed(data=1))


@pytest.mark.parametrize(("tries", "told"), [(1, []), (3, ["held up: nightly"])])
def test_a_step_that_trouble_held_up_leaves_a_note(
    tries: int, told: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = {"run_count": tries, "task_name": "learn"}
    monkeypatch.setattr(steps, "task_run", SimpleNamespace(**now))
    monkeypatch.setattr(steps, "flow_run", SimpleNamespace(flow_name="nightly"))
    plant = open_plant(Settings(home=tmp_path, _env_file=None))
    for _ in range(2):  # once, however often
        steps.tell_of_trouble(plant)
    with registry.unit_of_work(plant.engine) as session:
        alerts = registry.open_alerts(session)
    assert [alert.topic for alert in alerts] == told
    assert all("tried 3 times" in a.words and a.level == "info" for a in alerts)
