"""Nights on a plant as `infra/` sets it up: scheduled, in shards, by event, and when parts die."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from dashboard_server import chromium
from live import PATIENCE_S, wait_for
from s3_server import SECRET_KEY
from topology import PASSWORD, Topology, topology

from technopro import registry
from technopro.synth import write_factory

QUICK = {"effort": {"profile": "quick"}}
WITHIN_S = 30  # from a new pattern's detection to the start of its flow


@pytest.fixture(scope="module")
def brushed(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Images of one product, for three nights."""
    return drawn(tmp_path_factory.mktemp("brushed"), "brushed", 24 + 24 + 540)


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory, brushed: list[Path]) -> Iterator[Topology]:
    """All parts, images of one product in the bucket, and a night due in a minute or two."""
    folder = tmp_path_factory.mktemp("plant")
    with topology(folder, spread="prefer", timezone="UTC", silence_s="120") as running:
        running.start("server")
        running.put(brushed[:24])
        due = datetime.now(UTC) + timedelta(seconds=100)
        running.deploy(TECHNOPRO_SCHEDULE=f"{due.minute} {due.hour} * * *")
        for part in ("worker", "worker-shards", "dashboard"):
            running.start(part)
        yield running


def drawn(folder: Path, family: str, images: int) -> list[Path]:
    write_factory(
        folder, patterns=1, images_per_pattern=images, defects_per_pattern=images // 8, size=96,
        workers=1, families=(family,),
    )  # fmt: skip
    return sorted((folder / "images").iterdir())


def judged(plant: Topology) -> list[registry.RunRow]:
    with registry.unit_of_work(plant.plant.engine) as session:
        return registry.recent_runs(session, kind="score", state="completed")


def test_a_night_comes_by_its_schedule(plant: Topology) -> None:
    wait_for("the scheduled night", lambda: judged(plant))
    with registry.unit_of_work(plant.plant.engine) as session:
        (night,) = registry.nights(session)
        assert night.images == 24
        assert len(registry.champions(session)) == 1
    (run, *_) = plant.server.runs_of("nightly")
    assert run["auto_scheduled"]
    assert plant.server.end_of(run["id"]) == "COMPLETED"


def test_new_patterns_are_learned_from_the_command_line(plant: Topology) -> None:
    shown = subprocess.run(
        [sys.executable, "-c", "from technopro.cli import main; main()", "start", "new_pattern",
         'effort={"profile": "quick"}'],
        capture_output=True, text=True, check=False, env={**os.environ, **plant.environment},
    )  # fmt: skip
    assert shown.returncode == 0, shown.stderr
    (run,) = plant.server.runs_of("new_pattern")
    assert plant.server.end_of(run["id"]) == "COMPLETED"


def test_new_patterns_are_learned_from_the_dashboard(plant: Topology) -> None:
    """Started by a button and watched to the end on the same page."""
    before = len(plant.server.runs_of("new_pattern"))
    with chromium() as browser:
        page = browser.new_page()
        page.goto(f"{plant.dashboard}/patterns?lang=en", timeout=60_000)
        page.get_by_role("button", name="Learn new patterns now").click(timeout=60_000)
        page.get_by_text(re.compile("waits for a worker|is running")).wait_for(timeout=60_000)
        page.get_by_text("is done").wait_for(timeout=PATIENCE_S * 1000)
    (run,) = plant.server.runs_of("new_pattern")[before:]
    assert run["state"]["type"] == "COMPLETED"


def test_a_night_outlives_a_restart_of_the_prefect_server(
    plant: Topology, brushed: list[Path]
) -> None:
    plant.put(brushed[24:48])
    before = len(judged(plant))
    run = plant.server.start_run("nightly", {"everything": True, **QUICK})
    wait_for("a retrain", lambda: running(plant, "retrain"))
    turns = plant.folder / "home" / "prefect" / "concurrency_leases"
    assert len([*turns.glob("*-*.json")]) >= 1  # without them the run would end itself later
    plant.kill("server")
    time.sleep(10)
    plant.start("server")
    assert plant.server.end_of(run) == "COMPLETED"
    assert len(judged(plant)) == before + 1
    with registry.unit_of_work(plant.plant.engine) as session:
        told = {alert.topic: alert.words for alert in registry.open_alerts(session)}
    assert "Prefect server did not answer" in told["server away: nightly"]


def test_a_night_goes_on_elsewhere_when_its_machine_stops(plant: Topology) -> None:
    """Nobody is left to report it: Prefect notices the silence."""
    before = len(judged(plant))
    run = plant.server.start_run("nightly", {"everything": True, **QUICK})
    (retrain,) = wait_for("a retrain", lambda: running(plant, "retrain"))
    plant.kill("worker")
    os.kill(retrain.environment["process"], signal.SIGKILL)
    plant.start("worker", "another worker")
    assert plant.server.end_of(run) == "COMPLETED"
    assert plant.server.ask(f"/flow_runs/{run}")["run_count"] == 2
    assert len(judged(plant)) == before + 1


def test_a_large_batch_is_spread_and_a_new_pattern_in_it_is_learned(
    plant: Topology, brushed: list[Path], tmp_path: Path
) -> None:
    plant.put([*brushed[48:], *drawn(tmp_path, "woven", 24)])
    before = len(plant.server.runs_of("new_pattern"))
    run = plant.server.start_run("score", {"source": plant.source, **QUICK})
    (learning,) = wait_for(
        "the flow new_pattern", lambda: plant.server.runs_of("new_pattern")[before:]
    )
    started = wait_for(
        "its start", lambda: plant.server.ask(f"/flow_runs/{learning['id']}")["start_time"]
    )
    assert plant.server.end_of(run) == "COMPLETED"
    detected = plant.server.ask(f"/flow_runs/{run}")["end_time"]
    waited = datetime.fromisoformat(started) - datetime.fromisoformat(detected)
    assert waited < timedelta(seconds=WITHIN_S)
    shards = plant.server.runs_of("shard")
    assert len(shards) >= 2
    assert {one["state"]["type"] for one in shards} == {"COMPLETED"}
    assert {one["work_pool_name"] for one in shards} == {"shards"}
    assert plant.server.end_of(learning["id"]) == "COMPLETED"
    with registry.unit_of_work(plant.plant.engine) as session:
        assert len(registry.champions(session)) == 2
        assert registry.nights(session)[0].images == 564


def running(plant: Topology, kind: str) -> list[registry.RunRow]:
    with registry.unit_of_work(plant.plant.engine) as session:
        return registry.recent_runs(session, kind=kind, state="running")


def test_nobody_without_the_password_asks_prefect_anything(plant: Topology) -> None:
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(f"{plant.server.api}/deployments/count", timeout=30)  # noqa: S310


def test_no_log_shows_a_secret(plant: Topology) -> None:
    database = plant.settings.database_url
    assert database is not None
    secrets = [PASSWORD.split(":")[1], SECRET_KEY, database.get_secret_value().split("@")[0]]
    for name in plant.parts:
        for secret in secrets:
            assert secret not in plant.log(name), name
