"""What is tried again, and what is not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from types import SimpleNamespace

import pytest
from prefect.states import Completed, Failed

from flows import steps
from flows.lookout import Absence, lookout
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


@pytest.mark.parametrize(
    ("tries", "away_s", "told"),
    [(1, 5.0, None), (3, 0.0, "tried 3 times"), (1, 40.0, "did not answer for 40 s")],
    ids=["at once", "tried again", "without a server"],
)
def test_a_step_that_trouble_held_up_leaves_a_note(
    tries: int, away_s: float, told: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def lookout(_: object) -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(longest_s=away_s)

    now = {"run_count": tries, "task_name": "learn"}
    monkeypatch.setattr(steps, "task_run", SimpleNamespace(**now))
    monkeypatch.setattr(steps, "flow_run", SimpleNamespace(flow_name="nightly"))
    monkeypatch.setattr(steps, "lookout", lookout)
    plant = open_plant(Settings(home=tmp_path, _env_file=None))
    for _ in range(2):  # once, however often
        with steps.telling_of_trouble(plant):
            pass
    with registry.unit_of_work(plant.engine) as session:
        alerts = registry.open_alerts(session)
    assert [(a.topic, a.level) for a in alerts] == ([("held up: nightly", "info")] if told else [])
    assert all(told and told in alert.words for alert in alerts)


def test_an_absence_lasts_from_the_last_answer() -> None:
    now = iter([0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0])
    absence = Absence(lambda: next(now))
    longest = []
    for answers in (True, False, False, True, False, True):
        absence.saw(answers)
        longest.append(absence.longest_s)
    assert longest == [5.0, 5.0, 10.0, 15.0, 15.0, 15.0]


def test_the_server_is_asked_while_a_step_goes_on_and_no_longer() -> None:
    asked = []
    with lookout(lambda: bool(asked.append(1)), every_s=0.01) as absence:
        sleep(0.3)
    assert absence.longest_s > 0.2
    sleep(0.05)
    count = len(asked)
    assert count > 3
    sleep(0.1)
    assert len(asked) == count
