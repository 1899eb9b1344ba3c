"""The whole way through, top to bottom: ingest, retrain, score; and inspect, which is all three.

Every stage opens and closes its own run row, so that a failed one is seen as failed. The nightly
flow and the command line call the same functions.
"""

from __future__ import annotations

import platform
import resource
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version as package_version
from pathlib import Path
from time import perf_counter
from typing import Any

from technopro import registry
from technopro.bench import Announce, Bench, open_bench
from technopro.decision.decide import Cuts
from technopro.drifting import Assessment, compare_with_past, is_due, keep_sample
from technopro.errors import InputError
from technopro.forecast import Forecast
from technopro.learner.verdicts import read_verdicts
from technopro.plant import Options, Plant, Progress, open_plant, quiet
from technopro.promotion import promote_trained
from technopro.retrain import Due, always, retrain_batch
from technopro.score import Night, score_batch
from technopro.store import open_store
from technopro.watch import roll_back_unsteady

__all__ = ["Options", "Plant", "ingest", "inspect", "open_plant", "retrain", "score", "write_night"]


def ingest(
    plant: Plant,
    source: str,
    *,
    prefect_run_id: str | None = None,
    progress: Progress = quiet,
) -> int:
    """Take in a folder or s3:// prefix and return its batch id; the same batch keeps its id.

    Raises InputError where the source is missing or holds no readable image.
    """
    from technopro.intake import take_in

    origin = open_store(source, plant.settings.s3_endpoint_url, must_exist=True)
    with _run(plant, "ingest", {"source": source}, Options(), prefect_run_id) as run:
        batch = take_in(origin, plant.store, lambda done, n: progress("taking in images", done, n))
        if not batch.images:
            first = batch.quarantined[0]
            raise InputError(
                f"no readable image in {source}: {len(batch.quarantined)} files, the first is "
                f"{first.path} ({first.reason})"
            )
        with registry.unit_of_work(plant.engine) as session:
            batch_id, _ = registry.record_batch(session, run.id, batch)
            session.commit()
        run.lap("intake")
    return batch_id


def retrain(
    plant: Plant,
    batch_id: int,
    options: Options = Options(),  # noqa: B008
    *,
    known: bool = True,
    only_changed: bool = False,
    prefect_run_id: str | None = None,
    progress: Progress = quiet,
    announce: Announce = lambda _: None,
) -> str:
    """Discover the patterns of a batch, learn each, promote what is no worse; returns the run id.

    With `known`, patterns of earlier batches are recognised and keep their names. With
    `only_changed`, what looks and scores as on the nights before keeps its model. `announce` is
    told before the work what it is expected to cost.
    """
    scope = Scope(known, only_changed)
    return _retrain(plant, batch_id, options, scope, prefect_run_id, progress, announce)[0]


@dataclass(frozen=True)
class Scope:
    """Which patterns a retrain learns."""

    known: bool  # patterns of earlier batches keep their names
    only_changed: bool


def _retrain(
    plant: Plant,
    batch_id: int,
    options: Options,
    scope: Scope,
    prefect_run_id: str | None,
    progress: Progress,
    announce: Announce,
) -> tuple[str, Bench]:
    with _run(plant, "retrain", {"batch": batch_id}, options, prefect_run_id) as run:
        told = _verdicts(plant, batch_id, options)
        bench = open_bench(plant, batch_id, options, progress, announce)
        run.lap("survey")
        run.expected = bench.forecast
        due = _changed(bench, batch_id, run.id, progress) if scope.only_changed else always
        run.lap("comparison")
        trained, seconds = retrain_batch(
            bench, batch_id, run.id, run.version, scope.known, told, progress, due
        )
        for part in (seconds, *(one.seconds for one in trained)):
            run.add(part)
        run.restart()
        promote_trained(bench, trained, told, f"run {run.id}", progress)
        run.lap("promotion")
    return run.id, bench


def _changed(bench: Bench, batch_id: int, run_id: str, progress: Progress) -> Due:
    """Compare the batch with the nights before, record it, and return what tells who is due."""
    with registry.unit_of_work(bench.plant.engine) as session:
        champions = registry.champions(session)
    assessment = compare_with_past(bench, batch_id, champions, progress)
    with registry.unit_of_work(bench.plant.engine) as session:
        registry.record_drift(session, run_id, assessment.figures)
        session.commit()
    return partial(is_due, bench, champions, assessment)


def _verdicts(plant: Plant, batch_id: int, options: Options) -> dict[str, float]:
    if options.verdicts is None:
        return {}
    with registry.unit_of_work(plant.engine) as session:
        records = registry.batch_records(session, batch_id)
    return read_verdicts(Path(options.verdicts), records)


def score(
    plant: Plant,
    batch_id: int,
    options: Options = Options(),  # noqa: B008
    *,
    only_run: str | None = None,
    prefect_run_id: str | None = None,
    progress: Progress = quiet,
    bench: Bench | None = None,
) -> str:
    """Score a batch with the champions, record the night; returns its run id.

    With `only_run`, the models of that retrain run score, whatever else is champion. The `bench`
    of a retrain on the same batch saves looking at the images again.
    """
    with _run(plant, "score", {"batch": batch_id}, options, prefect_run_id) as run:
        bench = bench or open_bench(plant, batch_id, options, progress)
        with registry.unit_of_work(plant.engine) as session:
            chosen = registry.thresholds(session)
            models = (
                registry.champions(session)
                if only_run is None
                else registry.models_of_run(session, only_run)
            )
        cuts = {name: Cuts(row.defect, row.review) for name, row in chosen.items()}
        night = score_batch(bench, models, cuts, progress)
        if only_run is None:
            restored = roll_back_unsteady(bench, models, cuts, night, f"run {run.id}", progress)
            if restored:
                models |= restored
                night = score_batch(bench, models, cuts, progress)
        run.lap("scoring")
        assessment = None
        if only_run is None:
            assessment = compare_with_past(bench, batch_id, models, progress)
            run.lap("comparison")
        _record(plant, run.id, batch_id, models, night, assessment)
    return run.id


def inspect(
    plant: Plant,
    source: str,
    out: Path,
    options: Options = Options(),  # noqa: B008
    *,
    progress: Progress = quiet,
    announce: Announce = lambda _: None,
) -> dict[str, Any]:
    """Go the whole way for one source, from nothing, and write the results into `out`."""
    started = perf_counter()
    batch_id = ingest(plant, source, progress=progress)
    scope = Scope(known=False, only_changed=False)
    trained, bench = _retrain(plant, batch_id, options, scope, None, progress, announce)
    scored = score(plant, batch_id, options, only_run=trained, progress=progress, bench=bench)
    return write_night(plant, scored, out, total_s=perf_counter() - started)


def write_night(
    plant: Plant, run_id: str, out: Path, *, total_s: float | None = None
) -> dict[str, Any]:
    """Write a recorded night's files into `out` and return its summary."""
    from technopro.report.night import write_files

    return write_files(plant, run_id, out, versions(), total_s)


def versions() -> dict[str, str]:
    """Return the versions that a result depends on."""
    names = ("technopro", "torch", "openvino", "timm", "numpy", "scikit-learn", "scipy", "pillow")
    return {"python": platform.python_version(), **{n: package_version(n) for n in names}}


def _record(
    plant: Plant,
    run_id: str,
    batch_id: int,
    models: dict[str, registry.ModelRow],
    night: Night,
    assessment: Assessment | None,
) -> None:
    """Object first, row second: heat maps and samples into the store, then all rows at once."""
    if assessment is not None:
        keep_sample(plant.store, run_id, assessment.night)
    keys = {}
    for sha256, png in night.heat.items():
        keys[sha256] = f"heat/{run_id}/{sha256}.png"
        plant.store.put(keys[sha256], png)
    ids = {name: row.id for name, row in models.items()}
    with registry.unit_of_work(plant.engine) as session:
        registry.record_night(
            session, run_id, batch_id, night.predictions, night.patterns, ids, keys
        )
        if assessment is not None:
            registry.record_drift(session, run_id, assessment.figures)
        names = [pattern.pattern for pattern in night.patterns]
        registry.seen_again(session, names, batch_id, actor=f"run {run_id}")
        session.commit()


@dataclass
class _Run:
    """A run row while it is open: its id, and seconds per stage."""

    id: str
    version: str
    seconds: dict[str, float] = field(default_factory=dict)
    expected: Forecast | None = None
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
def _run(
    plant: Plant,
    kind: str,
    parameters: dict[str, Any],
    options: Options,
    prefect_run_id: str | None,
) -> Iterator[_Run]:
    """Record a run as running, then as completed or, with the reason, as failed."""
    with registry.unit_of_work(plant.engine) as session:
        run_id = registry.start_run(
            session,
            kind,
            {**parameters, **asdict(options)},
            seed=options.seed,
            device=options.device,
            prefect_run_id=prefect_run_id,
        )
        session.commit()
    version = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    run = _Run(run_id, version)
    try:
        yield run
    except BaseException as error:
        _finish(plant, run, "failed", str(error) or type(error).__name__)
        raise
    _finish(plant, run, "completed", None)


def _finish(plant: Plant, run: _Run, state: str, message: str | None) -> None:
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures: dict[str, Any] = {"seconds": run.seconds, "peak_rss_mb": round(peak_mb, 1)}
    if run.expected is not None:
        figures["expected"] = {
            "seconds": run.expected.seconds,
            "memory_mb": run.expected.memory_mb,
        }
    with registry.unit_of_work(plant.engine) as session:
        registry.finish_run(session, run.id, state, message=message, figures=figures)
        session.commit()
