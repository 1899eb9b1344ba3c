"""A large batch scored by one worker process and by more, each on a core of its own.

    python benchmarks/spread.py --results out/spread --images 20000 --workers 1,2

Two drawn products are learned from a few images; then many more are taken in and scored in shards
by workers of a real Prefect server, once for each number of workers. The rows must be the same.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

FAMILIES = ("grain", "noise")
TAUGHT = 100  # images a product that the models learn from
app = typer.Typer(add_completion=False)


@app.command()
def run(
    results: Annotated[Path, typer.Option(help="Where plant and images go; empty at first.")],
    images: Annotated[int, typer.Option(help="That are scored.")] = 20_000,
    size: Annotated[int, typer.Option(help="Pixels a side.")] = 128,
    workers: Annotated[str, typer.Option(help="How many at once, one after the other.")] = "1,2",
) -> None:
    """Print a row for each number of workers; exit status 1 where the rows differ."""
    from flows.environment import prepare
    from technopro.settings import Settings

    os.environ |= {"TECHNOPRO_HOME": str(results.absolute()), "TECHNOPRO_SPREAD": "wait"}
    prepare(Settings())
    from flows.server import temporary_server
    from technopro import pipeline, registry
    from technopro.plant import Options, open_plant

    plant, options = open_plant(), Options(threads=1)
    taught = pipeline.ingest(plant, str(draw(results / "taught", TAUGHT, size)))
    pipeline.retrain(plant, taught, options)
    many = draw(results / "many", images // len(FAMILIES), size)
    began = time.perf_counter()
    batch = pipeline.ingest(plant, str(many))
    took = time.perf_counter() - began
    typer.echo(f"ingest: {took:.0f} s, {images / took:.0f} images a second")
    typer.echo(
        "| workers | seconds | images a second | most memory of one, MB |\n|---|---|---|---|"
    )
    seen: list[pd.DataFrame] = []
    with temporary_server(results / "logs") as api:
        os.environ["PREFECT_API_URL"] = api  # before Prefect is imported
        from flows.deploy import deploy_all

        deploy_all(Settings())
        from flows.score import score
        from flows.steps import Effort

        for count in map(int, workers.split(",")):
            with started(count, results / "logs") as memory:
                began = time.perf_counter()
                run_id = score(batch, Effort(threads=1))
                took = time.perf_counter() - began
            typer.echo(f"| {count} | {took:.0f} | {images / took:.1f} | {max(memory):.0f} |")
            with registry.unit_of_work(plant.engine) as session:
                frame = registry.scores(session, run_id)
            seen.append(frame[["path", "pattern", "score", "decision"]].sort_values("path"))
    same = all(seen[0].equals(other) for other in seen[1:])
    typer.echo(f"rows {'the same' if same else 'NOT the same'}: {len(seen[0])} images")
    raise typer.Exit(not same)


def draw(folder: Path, images: int, size: int, seed: int = 0) -> Path:
    """Draw so many images of each product, once; the same products whatever the number."""
    from technopro.synth import write_factory

    if (folder / "truth.csv").exists():
        return folder / "images"
    write_factory(
        folder, patterns=len(FAMILIES), images_per_pattern=images,
        defects_per_pattern=images // 20, size=size, seed=seed, families=FAMILIES,
    )  # fmt: skip
    return folder / "images"


@contextmanager
def started(count: int, logs: Path) -> Iterator[list[float]]:
    """Start so many workers, each on its core; gives the memory of the largest process so far."""
    from flows import SHARD_POOL
    from flows.server import start

    cores = sorted(os.sched_getaffinity(0))
    prefect = (sys.executable, "-m", "prefect", "worker", "start", "--pool", SHARD_POOL)
    line = (*prefect, "--type", "process", "--limit", "1")
    children = [
        start(f"worker-{number}", ["taskset", "-c", str(cores[number % len(cores)]), *line], logs)
        for number in range(count)
    ]
    memory, done = [0.0], threading.Event()
    watcher = threading.Thread(
        target=_watch, args=({child.process.pid for child in children}, memory, done)
    )
    watcher.start()
    try:
        yield memory
    finally:
        done.set()
        watcher.join()
        for child in children:
            child.ask()
        for child in children:
            child.stop()


def _watch(roots: set[int], memory: list[float], done: threading.Event) -> None:
    while not done.wait(1):
        family = set(roots)
        for _ in range(4):  # generations
            family |= {pid for pid, parent, _ in _processes() if parent in family}
        memory[0] = max([memory[0], *(size for pid, _, size in _processes() if pid in family)])


def _processes() -> Iterator[tuple[int, int, float]]:
    """Yield pid, parent's pid and resident MB of every process."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            lines = (folder / "status").read_text().splitlines()
        except OSError:
            continue
        told = dict(line.split(":", 1) for line in lines if ":" in line)
        kilobytes = told.get("VmRSS", "0 kB").split()[0]
        yield int(folder.name), int(told["PPid"]), int(kilobytes) / 1024


if __name__ == "__main__":
    app()
