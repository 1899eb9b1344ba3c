"""A night during which something it needs goes away for a while, and what becomes of it.

    python benchmarks/faults.py --results out/faults --seconds 120

Each fault has a plant of its own, as `infra/` sets it up. When the night has reached a stage, the
database (the plant's and Prefect's) or the bucket answers nobody any more, or the Prefect server is
killed; after some time it is back. What is left in the end must be the same as after an
undisturbed night.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer
from killed import compared, draw, left_in
from killed_worker import PATIENCE_S, QUICK, plant_with

from technopro import registry
from technopro.alerting import PASSED

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from door import Door, door
from topology import Topology

FAULTS = {
    "database, learning": ("database", "retrain"),
    "bucket, learning": ("bucket", "retrain"),
    "Prefect server, learning": ("server", "retrain"),
    "database, scoring": ("database", "score"),
    "bucket, taking in": ("bucket", "ingest"),
    "database, taking in": ("database", "ingest"),
}  # what goes away, and when
TOLD = ("alerts", "audit_log", "deliveries")  # tables in which trouble leaves rows


def main(
    results: Annotated[Path, typer.Option(help="Where plants and logs go; empty at first.")],
    seconds: Annotated[float, typer.Option(help="How long it is away.")] = 120,
    only: Annotated[str, typer.Option(help="Faults of this beginning.")] = "",
) -> None:
    """Cause the faults and print a table; exit status 1 where a night came out otherwise."""
    images = sorted(draw(results / "drawn").iterdir())
    with plant_with(images, results / "undisturbed") as plant:
        state = plant.server.end_of(plant.server.start_run("nightly", QUICK), PATIENCE_S)
        wanted = left_in(plant.plant)
    typer.echo(f"undisturbed: {state}, {wanted['digest'][:12]}; away for {seconds:.0f} s")
    typer.echo("| away | night | ended after its return, s | starts | alerts | the same |")
    typer.echo("|---|---|---|---|---|---|")
    wrong = 0
    for name, (what, stage) in FAULTS.items():
        if not name.startswith(only):
            continue
        folder = results / name.replace(", ", "-").replace(" ", "-")
        with breakable(images, folder) as (plant, doors):
            run = plant.server.start_run("nightly", QUICK)
            _reach(plant, stage)
            _away(plant, doors, what, seconds)
            back = time.monotonic()
            state = plant.server.end_of(run, PATIENCE_S)
            took = time.monotonic() - back
            starts = plant.server.ask(f"/flow_runs/{run}")["run_count"]
            alerts = _alerts(plant)
            if state == "FAILED":  # cleanly: the next night must make up for it
                state += f", next {plant.server.run_to_its_end('nightly', QUICK)}"
            _seen(plant)
            expected = {k: v for k, v in wanted.items() if k not in TOLD}
            same = compared(expected, left_in(plant.plant))
        wrong += same != "yes"
        typer.echo(f"| {name} | {state} | {took:.0f} | {starts} | {alerts} | {same} |")
    raise typer.Exit(1 if wrong else 0)


@contextmanager
def breakable(images: list[Path], folder: Path) -> Iterator[tuple[Topology, dict[str, Door]]]:
    """Yield a plant, and doors in front of its database and its bucket."""
    doors: dict[str, Door] = {}
    with ExitStack() as stack:

        def way(what: str, url: str) -> str:
            doors[what], through = stack.enter_context(door(url))
            return through

        with plant_with(images, folder, way) as plant:
            yield plant, doors


def _reach(plant: Topology, stage: str) -> None:
    """Wait until a run of this kind goes on, or has been missed."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with registry.unit_of_work(plant.plant.engine) as session:
            if registry.recent_runs(session, kind=stage):
                return
        time.sleep(0.2)
    raise SystemExit(f"no {stage} began within {PATIENCE_S} s")


def _away(plant: Topology, doors: dict[str, Door], what: str, seconds: float) -> None:
    if what == "server":
        plant.kill("server")
        time.sleep(seconds)
        plant.start("server")
        return
    doors[what].shut()
    time.sleep(seconds)
    doors[what].open()


def _seen(plant: Topology) -> None:
    """Close the notes of what has passed: nothing else may differ from an undisturbed night."""
    with registry.unit_of_work(plant.plant.engine) as session:
        for alert in registry.open_alerts(session):
            if alert.topic.startswith(PASSED):
                registry.close_alert(session, alert.topic, actor="benchmark")
        session.commit()


def _alerts(plant: Topology) -> str:
    with registry.unit_of_work(plant.plant.engine) as session:
        return ", ".join(sorted(alert.topic for alert in registry.open_alerts(session))) or "none"


if __name__ == "__main__":
    typer.run(main)
