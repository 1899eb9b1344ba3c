"""A night killed at random moments, and what the next start makes of it.

    python benchmarks/killed.py run --results out/killed --times 20

A drawn night is gone through undisturbed; then again in a plant of its own for every moment, where
the process gets SIGKILL and the night is started a second time. What is left must be the same:
models, scores, decisions, alerts, and the number of rows of every table; only the killed run itself
and the drift figures that it had recorded are more.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import func, select

from technopro import pipeline, registry
from technopro.plant import Options, Plant, open_plant
from technopro.registry.tables import Base, DriftFigure, Run
from technopro.settings import Settings
from technopro.synth import write_factory

app = typer.Typer(add_completion=False)
FAMILIES = ("brushed", "noise", "woven")


@app.command()
def run(
    results: Annotated[Path, typer.Option(help="Where plants and figures go; empty at first.")],
    times: Annotated[int, typer.Option(help="Moments at which the night is killed.")] = 20,
    seed: Annotated[int, typer.Option(help="Of the moments.")] = 0,
) -> None:
    """Kill nights and print a table; exit status 1 where one came out otherwise."""
    images = draw(results / "drawn")
    taken = _go_on(results / "undisturbed", images)
    wanted, chance = _left_at(results / "undisturbed"), random.Random(seed)  # noqa: S311
    typer.echo(f"undisturbed: {taken:.0f} s, {wanted['digest'][:12]}; moments from seed {seed}")
    typer.echo("| killed after | while | second start | the same |\n|---|---|---|---|")
    wrong = 0
    for number in range(times):
        home, moment = results / f"killed-{number:02}", chance.uniform(0, taken)
        at = _kill(home, images, moment)
        again, found = _go_on(home, images), _left_at(home)
        wrong += found != wanted
        same = compared(wanted, found)
        typer.echo(f"| {moment:.1f} s | {at} | {again:.0f} s | {same} |")
    raise typer.Exit(1 if wrong else 0)


@app.command()
def night(home: Path, source: Path) -> None:
    """Go through one night, as the flow does, unless it is over already."""
    plant, options = _plant(home), Options(profile="quick", threads=1)
    batch_id = pipeline.ingest(plant, str(source))
    if pipeline.still_holds(plant, batch_id, options) is None:
        pipeline.retrain(plant, batch_id, options, which="changed")
        pipeline.score(plant, batch_id, options)


def draw(folder: Path) -> Path:
    """Draw the images of a night; returns their folder."""
    write_factory(
        folder, patterns=len(FAMILIES), images_per_pattern=24, defects_per_pattern=4, size=96,
        seed=5, families=FAMILIES, workers=1,
    )  # fmt: skip
    return folder / "images"


def left_in(plant: Plant) -> dict[str, Any]:
    """Return what a night left behind, without the names of runs and the times of day."""
    with registry.unit_of_work(plant.engine) as session:
        (run,) = registry.nights(session)
        scores = registry.scores(session, run.run_id)[["path", "pattern", "score", "decision"]]
        said = {
            "weights": {n: m.weights_sha256 for n, m in registry.champions(session).items()},
            "scores": scores.to_dict("list"),
            "shares": [
                (r.pattern, r.images, r.flagged, vars(r.defect_share))
                for r in registry.night(session, run.run_id)
            ],
            "alerts": [(a.topic, a.words) for a in registry.open_alerts(session)],
        }
        rows = {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
            if table.name != "runs"
        }
        ended = select(Run.id).where(Run.state == "completed")
        rows["drift_figures"] = len(
            session.scalars(select(DriftFigure.id).where(DriftFigure.run_id.in_(ended))).all()
        )
    text = json.dumps(said, sort_keys=True)
    return {"digest": hashlib.sha256(text.encode()).hexdigest(), **rows}


def compared(wanted: dict[str, Any], found: dict[str, Any]) -> str:
    """Return "yes" where the same is left, or what is not."""
    wrong = ", ".join(f"{k} {found[k]} for {wanted[k]}" for k in wanted if found[k] != wanted[k])
    return f"NO: {wrong}" if wrong else "yes"


def reached(plant: Plant) -> str:
    """Return what a night is at."""
    with registry.unit_of_work(plant.engine) as session:
        runs = registry.recent_runs(session)
        models = len(registry.model_versions(session))
    at = [run.kind for run in runs if run.state == "running"] or [
        f"after {runs[0].kind}" if runs else "starting"
    ]
    return f"{at[0]}, {models} of {len(FAMILIES)} learned"


def _left_at(home: Path) -> dict[str, Any]:
    plant = _plant(home)
    found = left_in(plant)
    plant.engine.dispose()
    return found


def _kill(home: Path, source: Path, moment: float) -> str:
    """Start a night, kill it after so many seconds; returns what it was at."""
    process = _start(home, source)
    try:
        process.wait(moment)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    if process.returncode == 0:
        return "it was over"
    plant = _plant(home)
    at = reached(plant)
    plant.engine.dispose()
    return at


def _go_on(home: Path, source: Path) -> float:
    started = time.perf_counter()
    if _start(home, source).wait() != 0:
        raise SystemExit(f"the night in {home} failed")
    return time.perf_counter() - started


def _start(home: Path, source: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, __file__, "night", str(home), str(source)])


def _plant(home: Path) -> Plant:
    return open_plant(Settings(home=home, _env_file=None))


if __name__ == "__main__":
    app()
