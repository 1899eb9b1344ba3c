"""A night whose worker is killed at random moments, and what another worker makes of it.

    python benchmarks/killed_worker.py --results out/killed-worker --times 20

Each moment has a plant of its own, as `infra/` sets it up: PostgreSQL, an S3 server, a Prefect
server and a worker. The worker gets SIGKILL together with all that it had started, as if its
machine had stopped, and another worker is started. Prefect must notice the silence by itself, and
what is left in the end must be the same as after an undisturbed night.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

import typer
from killed import compared, draw, left_in, reached

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from topology import Topology, topology

PATIENCE_S = 3600
QUICK = {"effort": {"profile": "quick", "threads": 1}}


def main(
    results: Annotated[Path, typer.Option(help="Where plants and logs go; empty at first.")],
    times: Annotated[int, typer.Option(help="Moments at which the worker is killed.")] = 20,
    seed: Annotated[int, typer.Option(help="Of the moments.")] = 0,
    within: Annotated[
        float | None, typer.Option(help="Seconds of all moments; else an undisturbed night's.")
    ] = None,
) -> None:
    """Kill workers and print a table; exit status 1 where a night came out otherwise."""
    images = sorted(draw(results / "drawn").iterdir())
    with plant_with(images, results / "undisturbed") as plant:
        began = time.monotonic()
        _complete(plant, plant.server.start_run("nightly", QUICK))
        taken, wanted = time.monotonic() - began, left_in(plant.plant)
    typer.echo(f"undisturbed: {taken:.0f} s, {wanted['digest'][:12]}; moments from seed {seed}")
    typer.echo("| killed after | while | completed after | starts | the same |")
    typer.echo("|---|---|---|---|---|")
    chance, wrong = random.Random(seed), 0  # noqa: S311
    for number in range(times):
        moment = chance.uniform(0, within or taken)
        with plant_with(images, results / f"killed-{number:02}") as plant:
            run = plant.server.start_run("nightly", QUICK)
            time.sleep(moment)
            stop_machine(plant)
            at, killed = reached(plant.plant), time.monotonic()
            plant.start("worker", "another worker")
            _complete(plant, run)
            took, found = time.monotonic() - killed, left_in(plant.plant)
            starts = plant.server.ask(f"/flow_runs/{run}")["run_count"]
        same = compared(wanted, found)
        wrong += same != "yes"
        typer.echo(f"| {moment:.1f} s | {at} | {took:.0f} s | {starts} | {same} |")
    raise typer.Exit(1 if wrong else 0)


@contextmanager
def plant_with(
    images: list[Path], folder: Path, way: Callable[[str, str], str] = lambda _, url: url
) -> Iterator[Topology]:
    """Yield a plant with these images in its bucket, and one worker; see `topology`."""
    with topology(folder, way, timezone="UTC") as plant:
        plant.start("server")
        plant.put(images)
        plant.deploy(TECHNOPRO_SCHEDULE="0 0 29 2 *")  # not while it is measured
        plant.start("worker")
        yield plant


def _complete(plant: Topology, run: str) -> None:
    if (state := plant.server.end_of(run, PATIENCE_S)) != "COMPLETED":
        raise SystemExit(f"the night in {plant.folder} ended as {state}")


def stop_machine(plant: Topology) -> None:
    """Kill the worker and all that it has started."""
    doomed = list(_family(plant.parts["worker"].process.pid))
    plant.kill("worker")
    for pid in doomed:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _family(pid: int) -> Iterator[int]:
    """Yield a process and its descendants."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            yield from _family(int(child))


if __name__ == "__main__":
    typer.run(main)
