"""Runs give signs of life while they last, and a killed one is found."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from technopro import registry
from technopro.plant import Options, Plant, quiet
from technopro.running import OpenRun, await_turn, beating, open_run, stage

KILLED = """
import time
from technopro.plant import open_plant
from technopro.running import beating, open_run
plant = open_plant()
with open_run(plant, "score", {}) as run, beating(plant.engine, run.id, 0.1):
    print(run.id, flush=True)
    time.sleep(60)
"""


def row(engine: Engine, run_id: str) -> registry.RunRow:
    with registry.unit_of_work(engine) as session:
        return registry.run_row(session, run_id)


def close_stale(engine: Engine, older_than: timedelta) -> list[registry.RunRow]:
    with registry.unit_of_work(engine) as session:
        closed = registry.close_stale(session, older_than)
        session.commit()
    return closed


def wait_for_life(engine: Engine, run_id: str) -> None:
    """Wait until a run gave a sign of life after its start."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        run = row(engine, run_id)
        if run.alive_at and run.alive_at > run.started_at:
            return
        time.sleep(0.02)
    pytest.fail("no sign of life within ten seconds")


def test_a_killed_process_is_found_and_its_run_closed(plant: Plant) -> None:
    process = subprocess.Popen([sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    run_id = process.stdout.readline().strip()
    wait_for_life(plant.engine, run_id)
    assert close_stale(plant.engine, timedelta(seconds=30)) == []
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert row(plant.engine, run_id).state == "running"
    time.sleep(0.5)
    (closed,) = close_stale(plant.engine, timedelta(seconds=0.4))
    assert (closed.id, closed.state) == (run_id, "failed")
    assert f"process {process.pid} on " in (closed.message or "")


def test_the_end_of_a_run_stops_its_signs_of_life(plant: Plant) -> None:
    with open_run(plant, "score", {}) as run, beating(plant.engine, run.id, 0.01):
        wait_for_life(plant.engine, run.id)
    before = row(plant.engine, run.id)
    time.sleep(0.1)
    assert row(plant.engine, run.id) == before
    assert before.state == "completed"
    assert "beat" not in {thread.name for thread in threading.enumerate()}


def test_a_database_that_is_away_for_a_moment_does_not_break_the_run(
    plant: Plant, tmp_path: Path
) -> None:
    with open_run(plant, "score", {}) as run, beating(plant.engine, run.id, 0.01):
        with plant.engine.begin() as connection:
            connection.execute(text("ALTER TABLE runs RENAME TO away"))
        time.sleep(0.1)
        with plant.engine.begin() as connection:
            connection.execute(text("ALTER TABLE away RENAME TO runs"))
        wait_for_life(plant.engine, run.id)
    assert row(plant.engine, run.id).state == "completed"


def test_a_failed_run_keeps_its_reason_and_figures(plant: Plant) -> None:
    def fail(run: OpenRun) -> None:
        run.figures["images"] = 3
        run.lap("looking")
        raise ValueError("disk full")

    with pytest.raises(ValueError, match="disk"), open_run(plant, "score", {}) as run:
        fail(run)
    kept = row(plant.engine, run.id)
    assert (kept.state, kept.message, kept.figures["images"]) == ("failed", "disk full", 3)
    assert set(kept.figures["seconds"]) == {"looking"}


def test_a_failure_keeps_its_reason_where_the_database_is_away(plant: Plant) -> None:
    def fail() -> None:
        with plant.engine.begin() as connection:
            connection.execute(text("ALTER TABLE runs RENAME TO away"))
        raise ValueError("the reason")

    with pytest.raises(ValueError, match="the reason"), open_run(plant, "score", {}):
        fail()


def test_the_device_is_recorded_once_it_is_known(plant: Plant) -> None:
    with stage(plant, "score", {}, Options(device="auto"), None) as run:
        assert row(plant.engine, run.id).device is None
        run.device = "cpu"
    assert row(plant.engine, run.id).device == "cpu"
    with stage(plant, "score", {}, Options(device="cuda"), None) as asked_for:
        assert row(plant.engine, asked_for.id).device == "cuda"
    assert row(plant.engine, asked_for.id).device == "cuda"


def test_the_second_of_two_runs_waits_and_says_for_what(plant: Plant) -> None:
    said: list[str] = []
    over = threading.Event()

    def second() -> None:
        with open_run(plant, "retrain", {}) as run:
            await_turn(plant, run, lambda what, _done, _of: said.append(what))
            assert over.is_set()
            said.append("my turn")

    with open_run(plant, "retrain", {}) as first, open_run(plant, "score", {}) as other:
        await_turn(plant, first, quiet)
        await_turn(plant, other, quiet)
        waiting = threading.Thread(target=second)
        waiting.start()
        deadline = time.monotonic() + 10
        while not said and time.monotonic() < deadline:
            time.sleep(0.02)
        assert first.id[:8] in said[0]
        over.set()
    waiting.join(10)
    assert said[-1] == "my turn"


def test_nobody_waits_for_a_process_that_is_gone(plant: Plant) -> None:
    process = subprocess.Popen([sys.executable, "-c", KILLED.replace('"score"', '"retrain"')],
                               stdout=subprocess.PIPE, text=True)  # fmt: skip
    assert process.stdout is not None
    killed = process.stdout.readline().strip()
    with open_run(plant, "retrain", {}) as run, registry.unit_of_work(plant.engine) as session:
        ahead = registry.ahead_of(session, run.id, timedelta(seconds=30))
        assert ahead is not None
        assert ahead.id == killed
        process.kill()
        process.communicate()
        await_turn(plant, run, lambda *_: pytest.fail("waited"))
