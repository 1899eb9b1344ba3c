"""How long things take on this machine: start-up, rows into a database, a folder of images judged.

    python benchmarks/speed.py startup
    python benchmarks/speed.py rows --folder out/rows --postgres 18
    python benchmarks/speed.py score --folder out/score --images 2300

Each prints a table of medians with the least and the most of several times.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from registry import served
from registry_rows import PATTERNS, Size, fill_if_empty
from spread import FAMILIES, draw
from sqlalchemy import Engine, select

from technopro import registry
from technopro.results import Decision, Prediction

TAUGHT = 60  # images a product that the models learn from
STAGES = ("looking", "scoring", "comparison")
VERB = [sys.executable, "-c", "from technopro.cli import main; main()"]
app = typer.Typer(add_completion=False)


@app.command()
def startup(times: Annotated[int, typer.Option(help="Of each.")] = 5) -> None:
    """Processes that do nothing but begin."""
    told = {
        "technopro --help": [*VERB, "--help"],
        "import technopro": [sys.executable, "-c", "import technopro"],
        "import technopro.pipeline": [sys.executable, "-c", "import technopro.pipeline"],
        "import flows.nightly": [sys.executable, "-c", "import flows.nightly"],
    }
    typer.echo("| process | median s | from | to |\n|---|---|---|---|")
    for name, command in told.items():
        seconds = [_seconds(partial(_run, command)) for _ in range(times + 1)][1:]  # read once
        typer.echo(f"| {name} | {_spread(seconds)} |")


@app.command()
def rows(
    folder: Annotated[Path, typer.Option(help="Where the database lies.")],
    postgres: Annotated[int | None, typer.Option(help="This version; else SQLite.")] = None,
    count: Annotated[int, typer.Option(help="Predictions of a night.")] = 20_000,
    times: Annotated[int, typer.Option(help="Nights recorded.")] = 5,
) -> None:
    """Predictions of one night into a database that has some nights."""
    folder.mkdir(parents=True, exist_ok=True)
    with served(f"sqlite:///{folder / 'rows.db'}", postgres, folder / "postgres") as url:
        engine = registry.open_database(url)
        predictions, models = _predictions(engine, count)
        seconds = [_recorded(engine, predictions, models) for _ in range(times)]
        engine.dispose()
    typer.echo(
        "| database | rows | median s | from | to | rows a second |\n|---|---|---|---|---|---|"
    )
    a_second = len(predictions) / float(np.median(seconds))
    typer.echo(f"| {engine.dialect.name} | {count} | {_spread(seconds)} | {a_second:,.0f} |")


@app.command()
def score(
    folder: Annotated[Path, typer.Option(help="Where images and plant lie.")],
    images: Annotated[int, typer.Option(help="PNG files that are judged.")] = 2300,
    size: Annotated[int, typer.Option(help="Pixels a side.")] = 512,
    times: Annotated[int, typer.Option(help="How often, each from the taught plant.")] = 1,
) -> None:
    """`technopro score` on a folder, by champions that were taught before; stage by stage."""
    taught, home = folder / "taught", folder / "home"
    night = draw(folder / "night", images // len(FAMILIES), size, seed=2)
    if not taught.exists():
        draw(folder / "lesson", TAUGHT, size, seed=1)
        _technopro(taught, "inspect", str(folder / "lesson/images"), "--out", str(folder / "out"),
                   "--profile", "quick")  # fmt: skip
    typer.echo(f"| s | images a second | MB | intake | {' | '.join(STAGES)} |")
    typer.echo("|---|---|---|---|---|---|---|")
    for _ in range(times):
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(taught, home)
        took = _seconds(lambda: _technopro(home, "score", str(night)))
        typer.echo(f"| {took:.1f} | {images / took:.1f} | {_stages(home)} |")


def _stages(home: Path) -> str:
    """Return peak memory and the seconds of each stage, as the runs recorded them."""
    from technopro.plant import open_plant
    from technopro.settings import Settings

    plant = open_plant(Settings(home=home, _env_file=None))
    with registry.unit_of_work(plant.engine) as session:
        (judged,) = registry.recent_runs(session, kind="score", limit=1)
        (ingested,) = registry.recent_runs(session, kind="ingest", limit=1)
    seconds = judged.figures["seconds"]
    told = ingested.figures["seconds"]["intake"], *(seconds[name] for name in STAGES)
    return " | ".join([f"{judged.figures['peak_rss_mb']:.0f}", *(f"{s:.1f}" for s in told)])


def _technopro(home: Path, *words: str) -> None:
    _run([*VERB, *words], TECHNOPRO_HOME=str(home.absolute()))


def _run(command: list[str], **environment: str) -> None:
    subprocess.run(
        command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, **environment}
    )


def _predictions(engine: Engine, count: int) -> tuple[list[Prediction], dict[str, int]]:
    """Fill an empty database; return so many predictions of its images, and its champions."""
    fill_if_empty(engine, Size(nights=8, images=-(-count // 8)))
    with registry.unit_of_work(engine) as session:
        hashes = list(session.scalars(select(registry.tables.Image.sha256)))[:count]
        models = {name: row.id for name, row in registry.champions(session).items()}
    scores = np.random.default_rng(0).random(len(hashes))
    return [
        Prediction(sha256, PATTERNS[i % len(PATTERNS)], float(score), Decision.OK, "v1", distance=1)
        for i, (sha256, score) in enumerate(zip(hashes, scores, strict=True))
    ], models


def _recorded(engine: Engine, predictions: list[Prediction], models: dict[str, int]) -> float:
    with registry.unit_of_work(engine) as session:
        run = registry.start_run(session, "score", {}, seed=0, device="cpu")
        session.flush()

        def record() -> None:
            registry.record_night(session, run, 1, predictions, [], models, {})
            session.commit()

        return _seconds(record)


def _seconds(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def _spread(seconds: list[float]) -> str:
    return f"{np.median(seconds):.2f} | {min(seconds):.2f} | {max(seconds):.2f}"


if __name__ == "__main__":
    app()
