"""A run while it goes on: its row in the database, seconds per stage, and its signs of life."""

from __future__ import annotations

import logging
import resource
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from time import perf_counter, sleep
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError

from technopro import registry
from technopro.errors import RegistryError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from technopro.plant import Options, Plant, Progress

LOG = logging.getLogger(__name__)
BEAT_S = 30.0  # between two signs of life
LAST_BEAT_S = 5.0  # how long the end of a run waits for a sign of life under way
DEAD = timedelta(seconds=8 * BEAT_S)  # without a sign of life: nobody waits any longer
LOOK_S = 1.0  # between two looks whether it is this run's turn


@dataclass
class OpenRun:
    """A run row while it is open: its id, seconds per stage, and what else is to be kept."""

    id: str
    version: str
    device: str | None = None  # that networks run on, once it is known
    seconds: dict[str, float] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    _last: float = field(default_factory=perf_counter)

    def restart(self) -> None:
        self._last = perf_counter()

    def lap(self, stage: str) -> None:
        now = perf_counter()
        self.add({stage: now - self._last})
        self._last = now

    def add(self, seconds: dict[str, float]) -> None:
        for stage, value in seconds.items():
            self.seconds[stage] = self.seconds.get(stage, 0.0) + value


@contextmanager
def open_run(
    plant: Plant,
    kind: str,
    parameters: Mapping[str, Any],
    *,
    seed: int | None = None,
    device: str | None = None,
    prefect_run_id: str | None = None,
) -> Iterator[OpenRun]:
    """Record a run as running, then as completed or, with the reason, as failed.

    Meanwhile it gives signs of life, so that a run whose process was killed can be told from one
    that takes its time.
    """
    with registry.unit_of_work(plant.engine) as session:
        run_id = registry.start_run(
            session, kind, parameters, seed=seed, device=device, prefect_run_id=prefect_run_id
        )
        session.commit()
    LOG.info("%s run %s begins, with %s", kind, run_id, dict(parameters))
    run = OpenRun(run_id, f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}")
    try:
        with beating(plant.engine, run_id):
            yield run
    except BaseException as error:
        with suppress(RegistryError, SQLAlchemyError):  # a database away: closed later, as silent
            _finish(plant, run, "failed", str(error) or type(error).__name__)
        raise
    _finish(plant, run, "completed", None)


def stage(
    plant: Plant,
    kind: str,
    given: Mapping[str, Any],
    options: Options,
    prefect_run_id: str | None,
) -> AbstractContextManager[OpenRun]:
    """Open the run of one stage of the pipeline with all its parameters."""
    return open_run(
        plant,
        kind,
        parameters(given, options),
        seed=options.seed,
        device=None if options.device == "auto" else options.device,
        prefect_run_id=prefect_run_id,
    )


def parameters(given: Mapping[str, Any], options: Options) -> dict[str, Any]:
    """Return what is recorded as the parameters of a run."""
    return {**given, **asdict(options)}


def await_turn(plant: Plant, run: OpenRun, progress: Progress) -> None:
    """Wait while an earlier run of this kind is at work: both would do the same, side by side."""
    while (first := _ahead(plant.engine, run.id)) is not None:
        where = f"process {first.environment.get('process')} on {first.environment.get('host')}"
        since = f"{first.started_at:%Y-%m-%d %H:%M} UTC"
        what = f"the {first.kind} run {first.id[:8]}, at work since {since} ({where})"
        progress(f"waiting for {what}", 0, 1)
        sleep(LOOK_S)
    run.lap("turn")


def _ahead(engine: Engine, run_id: str) -> registry.RunRow | None:
    with registry.unit_of_work(engine) as session:
        return registry.ahead_of(session, run_id, DEAD)


@contextmanager
def beating(engine: Engine, run_id: str, every_s: float = BEAT_S) -> Iterator[None]:
    """Give a sign of life every so often, from a thread of its own, until the block ends.

    A database that is away or busy costs a beat, never the run.
    """
    done = threading.Event()
    heart = threading.Thread(
        target=_beat, args=(engine, run_id, every_s, done), name="beat", daemon=True
    )
    heart.start()
    try:
        yield
    finally:
        done.set()
        heart.join(LAST_BEAT_S)


def _beat(engine: Engine, run_id: str, every_s: float, done: threading.Event) -> None:
    while not done.wait(every_s):
        try:
            with registry.unit_of_work(engine) as session:
                registry.beat(session, run_id)
                session.commit()
        except (RegistryError, SQLAlchemyError):
            continue  # the next beat may get through


def _finish(plant: Plant, run: OpenRun, state: str, message: str | None) -> None:
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures = {"seconds": run.seconds, "peak_rss_mb": round(peak_mb, 1), **run.figures}
    with registry.unit_of_work(plant.engine) as session:
        registry.finish_run(
            session, run.id, state, message=message, figures=figures, device=run.device
        )
        session.commit()
    LOG.info("run %s %s", run.id, state)
