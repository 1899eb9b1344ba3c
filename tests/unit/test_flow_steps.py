"""What is tried again, and what is not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from time import sleep
from types import SimpleNamespace

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Completed, Failed

from flows import steps
from flows.lookout import Absence, lookout, server_answers
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
    [
        (1, 5.0, {}),
        (3, 0.0, {"held up: nightly": "tried 3 times"}),
        (1, 40.0, {"server away: nightly": "did not answer for 40 s"}),
        (2, 40.0, {"held up: nightly": "tried 2 times", "server away: nightly": "for 40 s"}),
    ],
    ids=["at once", "tried again", "without a server", "both"],
)
def test_a_step_that_trouble_held_up_leaves_a_note(
    tries: int,
    away_s: float,
    told: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
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
        alerts = {alert.topic: alert for alert in registry.open_alerts(session)}
    assert alerts.keys() == told.keys()
    assert all(words in alerts[topic].words for topic, words in told.items())
    assert all(alert.level == "info" for alert in alerts.values())


def test_a_step_without_trouble_does_not_ask_the_database_once_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(steps, "task_run", SimpleNamespace(run_count=1, task_name="learn"))
    with steps.telling_of_trouble(None):  # type: ignore[arg-type]
        pass


def test_an_absence_lasts_from_the_first_question_left_open() -> None:
    now, longest = [0.0], []
    absence = Absence(lambda: now[0])
    for at, answers in ((5, True), (10, False), (15, False), (20, True), (25, False)):
        now[0] = float(at)
        absence.ask(lambda answers=answers: answers)  # type: ignore[misc]
        longest.append(absence.longest_s)
    assert longest == [0.0, 0.0, 5.0, 10.0, 10.0]
    now[0] = 60.0  # and the last question is open still
    assert absence.longest_s == 35.0


def test_a_slow_answer_is_an_answer() -> None:
    now = [0.0]

    def after_a_while() -> bool:
        now[0] += 9.0
        return True

    absence = Absence(lambda: now[0])
    absence.ask(after_a_while)
    assert absence.longest_s == 0.0


@pytest.mark.parametrize(
    ("status", "there"), [(200, True), (401, True), (502, False), (None, False)]
)
def test_a_server_is_there_if_it_answers(status: int | None, there: bool) -> None:
    class Health(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.path == "/api/health"
            self.send_response(status or 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Health) as server:
        url = f"http://127.0.0.1:{server.server_port}/api"
        if status is None:
            server.server_close()
        else:
            Thread(target=server.handle_request, daemon=True).start()
        with temporary_settings({PREFECT_API_URL: url}):
            assert server_answers() is there


def test_nobody_misses_a_server_that_was_never_named() -> None:
    with temporary_settings({PREFECT_API_URL: None}):
        assert server_answers()


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
