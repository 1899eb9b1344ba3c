"""How long things take on this machine: start-up, rows into a database, a folder of images judged.

    python benchmarks/speed.py startup
    python benchmarks/speed.py rows --folder out/rows --postgres 18
    python benchmarks/speed.py score --folder out/score --images 2300
    python benchmarks/speed.py ingest --folder out/ingest --aws /path/to/aws
    python benchmarks/speed.py swin

Each prints a table of medians with the least and the most of several times.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Annotated

import boto3
import numpy as np
import pandas as pd
import typer
from PIL import Image
from registry import served
from registry_rows import PATTERNS, Size, fill_if_empty
from spread import FAMILIES, draw
from sqlalchemy import Engine, select

from technopro import registry
from technopro.results import Decision, Prediction
from technopro.store import open_store

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from s3_server import s3_server

TAUGHT = 60  # images a product that the models learn from
STAGES = ("looking", "scoring", "comparison")
BATCH = 8  # images at once
INGEST = """
import sys
from technopro import pipeline
from technopro.plant import open_plant
pipeline.ingest(open_plant(), sys.argv[1])
"""
MAIN = "from technopro.cli import main; main()"
EAGER = """
from unittest.mock import patch
import technopro.features.engine as e
patch.object(e, "_OpenVino", lambda network, *_: e.by_torch(network)).start()
"""
app = typer.Typer(add_completion=False)


@app.command()
def startup(times: Annotated[int, typer.Option(help="Of each.")] = 5) -> None:
    """Processes that do nothing but begin."""
    told = {
        "technopro --help": [sys.executable, "-c", MAIN, "--help"],
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
    eager: Annotated[
        bool, typer.Option(help="In turn with a backbone in torch, as written, in 32 bits.")
    ] = False,
) -> None:
    """`technopro score` on a folder, by champions that were taught before; stage by stage."""
    own = folder / f"{images}x{size}"
    taught, home, night = (own / name for name in ("taught", "home", "night"))
    if not taught.exists():
        draw(own / "drawn", TAUGHT + images // len(FAMILIES), size)
        _part(own / "drawn", own / "lesson", night)
        _technopro(taught, "inspect", str(own / "lesson"), "--out", str(own / "out"),
                   "--profile", "quick")  # fmt: skip
    ways = {"product": MAIN, **({"eager": EAGER + MAIN} if eager else {})}
    typer.echo(f"| | s | images a second | MB | intake | {' | '.join(STAGES)} |")
    typer.echo("|---|---|---|---|---|---|---|---|")
    for way, code in list(ways.items()) * times:
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(taught, home)
        run = partial(_technopro, home, "score", str(night), code=code)
        took = _seconds(run)
        typer.echo(f"| {way} | {took:.1f} | {images / took:.1f} | {_stages(home)} |")


@app.command()
def ingest(
    folder: Annotated[Path, typer.Option(help="Where copies go.")],
    aws: Annotated[Path, typer.Option(help="The `aws` command, of an environment of its own.")],
    objects: Annotated[int, typer.Option(help="PNG files in the bucket.")] = 20_000,
    side: Annotated[int, typer.Option(help="Pixels; 182 are 100 kB of noise.")] = 182,
    times: Annotated[int, typer.Option(help="Of each, in turn.")] = 3,
) -> None:
    """A bucket of a local SeaweedFS taken in, and the same copied by `aws s3 sync`."""
    with s3_server() as url:
        _fill_bucket(url, objects, side)
        bucket = "s3://speed/new"
        taken, synced = [], []
        for number in range(times):
            home, copy = folder / f"home-{number}", folder / f"copy-{number}"
            sync = [str(aws), "s3", "sync", bucket, str(copy), "--only-show-errors"]
            synced.append(_seconds(partial(_run, sync, AWS_ENDPOINT_URL=url)))
            own = {"TECHNOPRO_HOME": str(home.absolute()), "TECHNOPRO_S3_ENDPOINT_URL": url}
            taken.append(_seconds(partial(_run, [sys.executable, "-c", INGEST, bucket], **own)))
            shutil.rmtree(home)
            shutil.rmtree(copy)
    typer.echo("| | median s | from | to |\n|---|---|---|---|")
    typer.echo(f"| aws s3 sync | {_spread(synced)} |\n| ingest | {_spread(taken)} |")


def _fill_bucket(url: str, objects: int, side: int) -> None:
    store = open_store("s3://speed/new", url)
    boto3.client("s3", endpoint_url=url).create_bucket(Bucket="speed")

    def put(number: int) -> None:
        pixels = np.random.default_rng(number).integers(0, 256, (side, side, 3), np.uint8)
        data = io.BytesIO()
        Image.fromarray(pixels).save(data, "PNG", compress_level=1)
        store.put(f"{number:06}.png", data.getvalue())

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, range(objects)))


@app.command()
def swin(
    images: Annotated[int, typer.Option(help="Of 224 pixels.")] = 64,
    times: Annotated[int, typer.Option(help="Of each, in turn.")] = 5,
) -> None:
    """Swin-T on images in memory: torch in 32 bits, and OpenVINO in 32 and 16."""
    import timm
    import torch

    from technopro.features.openvino import import_openvino

    openvino = import_openvino()
    network = timm.create_model("swin_tiny_patch4_window7_224", num_classes=1).eval()
    batch = torch.randn(BATCH, 3, 224, 224)
    with torch.no_grad():
        model = openvino.convert_model(torch.export.export(network, (batch,)))
    runs: dict[str, Callable[[], object]] = {"torch, 32 bits": partial(network, batch)}
    for precision in ("f32", "bf16"):
        hints = {"INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": "LATENCY"}
        compiled = openvino.Core().compile_model(model, "CPU", hints)
        runs[f"OpenVINO, {precision}"] = partial(compiled, batch.numpy())
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    with torch.inference_mode():
        for _ in range(times + 1):
            for name, run in runs.items():
                seconds[name].append(_seconds(partial(_repeated, run, images // BATCH)))
    typer.echo("| | images a second | from | to | times torch |\n|---|---|---|---|---|")
    slow = float(np.median(seconds["torch, 32 bits"][1:]))
    for name, own in seconds.items():
        speeds = [images / one for one in own[1:]]
        told = f"{np.median(speeds):.1f} | {min(speeds):.1f} | {max(speeds):.1f}"
        typer.echo(f"| {name} | {told} | {slow / float(np.median(own[1:])):.2f} |")


def _part(drawn: Path, lesson: Path, night: Path) -> None:
    """Link the first images of each product into a lesson, and all others into a night."""
    for folder in (lesson, night):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    for _, own in pd.read_csv(drawn / "truth.csv").groupby("pattern"):
        for number, name in enumerate(own["id"]):
            image = drawn / "images" / f"{name}.png"
            ((lesson if number < TAUGHT else night) / image.name).hardlink_to(image)


def _repeated(run: Callable[[], object], times: int) -> None:
    for _ in range(times):
        run()


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


def _technopro(home: Path, *words: str, code: str = MAIN) -> None:
    _run([sys.executable, "-c", code, *words], TECHNOPRO_HOME=str(home.absolute()))


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
