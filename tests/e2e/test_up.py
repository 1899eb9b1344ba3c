"""`technopro up` with a real Prefect server, worker and dashboard: a night from its deployment."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from live import PrefectApi, wait_for
from sqlalchemy import func, select

from flows.server import free_port, start
from technopro import registry
from technopro.plant import open_plant
from technopro.registry.tables import Base, Run
from technopro.settings import Settings
from technopro.synth import write_factory


@dataclass(frozen=True)
class Up:
    process: subprocess.Popen[str]
    server: PrefectApi
    dashboard: str
    home: Path
    source: Path


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    home, drawn = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("drawn")
    write_factory(
        drawn, patterns=1, images_per_pattern=24, defects_per_pattern=3, size=96, workers=1,
        families=("brushed",),
    )  # fmt: skip
    prefect, dashboard = free_port(), free_port()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")}
    environment |= {
        "TECHNOPRO_HOME": str(home),
        "TECHNOPRO_SOURCE": str(drawn / "images"),
        "TECHNOPRO_GPU": "prefer",
    }
    process = subprocess.Popen(
        [
            sys.executable, "-c", "from technopro.cli import main; main()", "up",
            "--prefect-port", str(prefect), "--dashboard-port", str(dashboard),
        ],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        cwd=home,
    )  # fmt: skip
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line)
        if line.startswith("Ctrl-C"):
            break
    else:
        pytest.fail(f"technopro up ended early:\n{''.join(seen)}")
    server = PrefectApi(f"http://127.0.0.1:{prefect}/api")
    yield Up(process, server, f"http://127.0.0.1:{dashboard}", home, drawn / "images")
    if process.poll() is None:
        process.terminate()
        process.wait(60)
    process.stdout.close()


def test_the_nightly_deployment_is_listed_with_its_schedule_and_gets_runs(up: Up) -> None:
    nightly = up.server.ask("/deployments/name/nightly/nightly")
    (schedule,) = nightly["schedules"]
    assert schedule["schedule"]["cron"] == "0 2 * * *"
    assert schedule["schedule"]["timezone"] == "Asia/Tokyo"
    query = {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}}
    wait_for("a scheduled run", lambda: up.server.ask("/flow_runs/filter", query))


def test_a_run_started_from_the_deployment_finishes_and_is_recorded(up: Up) -> None:
    assert up.server.run_to_its_end("nightly", {"effort": {"profile": "quick"}}) == "COMPLETED"
    plant = open_plant(Settings(home=up.home, _env_file=None))
    with registry.unit_of_work(plant.engine) as session:
        (night,) = registry.nights(session)
        assert registry.run_row(session, night.run_id).state == "completed"
    assert night.images == 24
    shown = {one["key"]: one for one in up.server.ask("/artifacts/filter", {})}
    assert shown.keys() == {"progress", "learned", "tonight", "night"}
    (row,) = json.loads(shown["learned"]["data"])
    assert (row["is"], row["why"][:18]) == ("champion", "scores spread over")
    assert "of 24 parts called defective" in shown["tonight"]["data"]
    assert f"({up.dashboard}/?run={night.run_id}&pattern=" in shown["tonight"]["data"]
    assert "no worker of the pool gpu is online: doing it here" in log(up, "worker")


def rows(up: Up) -> dict[str, int]:
    plant = open_plant(Settings(home=up.home, _env_file=None))
    with registry.unit_of_work(plant.engine) as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


def test_a_second_night_without_anything_new_adds_nothing(up: Up) -> None:
    before = rows(up)
    assert up.server.run_to_its_end("nightly", {"effort": {"profile": "quick"}}) == "COMPLETED"
    assert rows(up) == before


def test_upkeep_runs_from_its_deployment_and_finds_the_night_in_order(up: Up) -> None:
    (schedule,) = up.server.ask("/deployments/name/maintain/maintain")["schedules"]
    assert schedule["schedule"]["cron"] == "0 12 * * *"
    assert up.server.run_to_its_end("maintain", {}) == "COMPLETED"
    plant = open_plant(Settings(home=up.home, _env_file=None))
    with registry.unit_of_work(plant.engine) as session:
        (run,) = session.scalars(select(Run.id).where(Run.kind == "maintain"))
        newest = registry.run_row(session, run)
        alerts = registry.open_alerts(session)
    assert {kind: found["unexplained"] + found["missing"] + found["without_row"]
            for kind, found in newest.figures["objects"].items()} == dict.fromkeys(
        ("images", "thumbs", "models", "heat", "nights"), 0)  # fmt: skip
    assert newest.figures["objects"]["nights"]["objects"] == 1
    assert not [alert for alert in alerts if not alert.topic.startswith("drift")]


def test_a_night_learns_on_a_worker_of_the_gpu_pool_where_there_is_one(up: Up) -> None:
    own = {"TECHNOPRO_HOME": str(up.home), "PREFECT_API_URL": up.server.api,
           "PREFECT_HOME": str(up.home / "prefect")}  # fmt: skip
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", "gpu"]
    worker = start("gpu-worker", command, up.home / "logs", own)
    try:
        wait_for("the GPU worker", lambda: up.server.ask("/work_pools/gpu/workers/filter", {}))
        parameters = {"everything": True, "effort": {"profile": "quick"}}
        assert up.server.run_to_its_end("nightly", parameters) == "COMPLETED"
    finally:
        worker.stop()
    (learned,) = up.server.runs_of("retrain-gpu")
    assert learned["state"]["type"] == "COMPLETED"
    assert learned["work_pool_name"] == "gpu"


def test_work_for_a_gpu_worker_that_has_gone_is_taken_back(up: Up) -> None:
    """Prefect calls the one of the test before online for a minute and a half."""
    parameters = {"everything": True, "effort": {"profile": "quick"}}
    before = len(runs(up, "retrain", "completed"))
    assert up.server.run_to_its_end("nightly", parameters) == "COMPLETED"
    assert [one["state"]["type"] for one in up.server.runs_of("retrain-gpu")] in (
        ["COMPLETED", "CANCELLED"],
        ["COMPLETED"],  # it was seen to be offline at once
    )
    assert "no worker of the pool gpu is online: doing it here" in log(up, "worker")
    assert len(runs(up, "retrain", "completed")) == before + 1


def test_a_night_whose_process_is_killed_goes_on_by_itself(up: Up) -> None:
    drawn = up.source.parent / "again"
    write_factory(
        drawn, patterns=1, images_per_pattern=24, defects_per_pattern=3, size=96, workers=1,
        families=("noise",),
    )  # fmt: skip
    for image in (drawn / "images").iterdir():
        image.rename(up.source / f"second-{image.name}")
    before = len(runs(up, "score", "completed"))
    run = up.server.start_run("nightly", {"effort": {"profile": "quick"}})
    wait_for("a retrain", lambda: runs(up, "retrain", "running"))
    os.kill(runs(up, "retrain", "running")[0].environment["process"], signal.SIGKILL)
    words = wait_for("an alert", lambda: topics(up).get("flow failed: nightly"))
    assert "SIGKILL" in words
    assert up.server.end_of(run) == "COMPLETED"
    wait_for("its end", lambda: "flow failed: nightly" not in topics(up))
    assert up.server.ask(f"/flow_runs/{run}")["run_count"] == 2
    assert len(runs(up, "score", "completed")) == before + 1
    plant = open_plant(Settings(home=up.home, _env_file=None))
    with registry.unit_of_work(plant.engine) as session:
        assert len(registry.champions(session)) == 2
        assert registry.nights(session)[0].images == 24
        assert len(registry.close_stale(session, timedelta(0))) == 1


def topics(up: Up) -> dict[str, str]:
    plant = open_plant(Settings(home=up.home, _env_file=None))
    with registry.unit_of_work(plant.engine) as session:
        return {alert.topic: alert.words for alert in registry.open_alerts(session)}


def log(up: Up, name: str) -> str:
    return (up.home / "logs" / f"{name}.log").read_text()


def runs(up: Up, kind: str, state: str) -> list[registry.RunRow]:
    plant = open_plant(Settings(home=up.home, _env_file=None))
    with registry.unit_of_work(plant.engine) as session:
        return registry.recent_runs(session, kind=kind, state=state)


def command(up: Up, *words: str) -> subprocess.CompletedProcess[str]:
    """The command line on the running plant, from another shell."""
    return subprocess.run(
        [sys.executable, "-c", "from technopro.cli import main; main()", *words],
        capture_output=True, text=True, check=False,
        env={**os.environ, "TECHNOPRO_HOME": str(up.home), "PREFECT_API_URL": up.server.api},
    )  # fmt: skip


def test_a_new_product_is_learned_by_event_from_one_command(up: Up, tmp_path: Path) -> None:
    write_factory(
        tmp_path, patterns=1, images_per_pattern=24, defects_per_pattern=3, size=96, workers=1,
        families=("woven",),
    )  # fmt: skip

    def champions() -> set[str]:
        plant = open_plant(Settings(home=up.home, _env_file=None))
        with registry.unit_of_work(plant.engine) as session:
            return set(registry.champions(session))

    before = champions()
    given = (f"source={tmp_path / 'images'}", 'effort={"profile": "quick"}')
    started = command(up, "start", "score", *given)
    assert started.returncode == 0, started.stderr
    assert f"{up.server.api.removesuffix('/api')}/runs/flow-run/" in started.stdout
    query = {"deployments": {"name": {"any_": ["new_pattern"]}}}
    (run,) = wait_for("the flow new_pattern", lambda: up.server.ask("/flow_runs/filter", query))
    assert isinstance(run["parameters"]["batch_id"], int)
    (new,) = wait_for("a champion of the new pattern", lambda: champions() - before)
    assert champions() == {*before, new}


def test_a_wrong_parameter_starts_nothing(up: Up) -> None:
    refused = command(up, "start", "retrain", "patern=p-1")
    assert refused.returncode == 2
    assert (
        "expected parameters among batch_id, effort, patterns, which; found patern"
        in refused.stderr
    )
    assert not up.server.ask("/flow_runs/filter", {"deployments": {"name": {"any_": ["retrain"]}}})


def test_a_flow_that_fails_raises_an_alert_until_it_succeeds(up: Up) -> None:
    assert up.server.run_to_its_end("ingest", {"source": str(up.home / "nowhere")}) == "FAILED"
    words = wait_for("an alert", lambda: topics(up).get("flow failed: ingest"))
    assert "nowhere" in words
    assert "Traceback" not in words
    assert up.server.run_to_its_end("ingest", {}) == "COMPLETED"
    wait_for("its end", lambda: "flow failed: ingest" not in topics(up))


def test_the_dashboard_answers(up: Up) -> None:
    with urllib.request.urlopen(up.dashboard, timeout=30) as page:  # noqa: S310
        assert page.status == 200


def test_a_taken_port_is_one_line(up: Up) -> None:
    port = up.dashboard.rsplit(":", 1)[1]
    shown = subprocess.run(
        [sys.executable, "-c", "from technopro.cli import main; main()", "up",
         "--prefect-port", port],
        capture_output=True, text=True, check=False,
        env={**os.environ, "TECHNOPRO_HOME": str(up.home)},
    )  # fmt: skip
    assert shown.returncode == 2
    assert f"port {port} is in use" in shown.stderr


def test_interrupt_leaves_no_process_behind(up: Up) -> None:
    """Runs last: it ends the fixture's process."""
    listed = ["ps", "-eo", "pid,args"]
    marker = str(up.home)
    up.process.send_signal(signal.SIGINT)
    assert up.process.wait(60) == 0
    left = subprocess.run(listed, capture_output=True, text=True, check=True).stdout
    ports = (up.server.api.split(":")[2].split("/")[0], up.dashboard.rsplit(":", 1)[1])
    assert not [line for line in left.splitlines() if marker in line or f"port {ports[0]}" in line
                or f"port={ports[1]}" in line]  # fmt: skip
