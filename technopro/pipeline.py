"""The whole way through, top to bottom: ingest, retrain, score; and inspect, which is all three.

Every stage opens and closes its own run row, so that a failed one is seen as failed. The nightly
flow and the command line call the same functions. What learns and scores is imported when a stage
needs it: torch takes seconds, which a night without anything new can spare.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Literal

from technopro import registry
from technopro.alerting import record_and_tell, tell_mostly_defective
from technopro.decision.decide import Cuts
from technopro.environment import versions
from technopro.errors import InputError
from technopro.ingest import ingest
from technopro.plant import Options, Plant, Progress, open_plant, quiet
from technopro.running import await_turn, parameters, stage

if TYPE_CHECKING:
    from technopro.bench import Announce, Bench
    from technopro.drifting import Assessment
    from technopro.due import Due
    from technopro.score import Night
    from technopro.shards import Spread

Which = Literal["all", "changed", "new"]
__all__ = [
    "Options",
    "Plant",
    "ingest",
    "inspect",
    "open_plant",
    "retrain",
    "score",
    "still_holds",
    "waiting",
    "write_night",
]


def retrain(
    plant: Plant,
    batch_id: int,
    options: Options = Options(),  # noqa: B008
    *,
    known: bool = True,
    which: Which = "all",
    patterns: Collection[str] = (),
    prefect_run_id: str | None = None,
    progress: Progress = quiet,
    announce: Announce = lambda _: None,
    spread: Spread | None = None,
) -> str:
    """Discover the patterns of a batch, learn each, promote what is no worse; returns the run id.

    With `known`, patterns of earlier batches are recognised and keep their names. Of `which`,
    "changed" are those that do not look and score as on the nights before, and "new" those without
    a champion; `patterns`, where given, are the only ones that count. All others keep their models.
    `announce` is told before the work what it is expected to cost. `spread` has large batches
    looked at by other workers. A night that died after its retrain has learned what had changed:
    its run is returned. Raises InputError for names of no pattern.
    """
    scope = Scope(known, which, frozenset(patterns))
    if which == "changed" and options.verdicts is None:
        with registry.unit_of_work(plant.engine) as session:
            asked = parameters(scope.given(batch_id), options)
            before = registry.already_learned(session, asked)
        if before is not None:
            return before
    given = (prefect_run_id, progress, announce, spread)
    return _retrain(plant, batch_id, options, scope, *given)[0]


@dataclass(frozen=True)
class Scope:
    """Which patterns a retrain learns."""

    known: bool  # patterns of earlier batches keep their names
    which: Which = "all"
    patterns: frozenset[str] = frozenset()  # no others, if any

    def given(self, batch_id: int) -> dict[str, Any]:
        """Return what a retrain's run records of it."""
        return {"batch": batch_id, "which": self.which, "patterns": sorted(self.patterns)}


def _retrain(
    plant: Plant,
    batch_id: int,
    options: Options,
    scope: Scope,
    prefect_run_id: str | None,
    progress: Progress,
    announce: Announce,
    spread: Spread | None = None,
) -> tuple[str, Bench]:
    from technopro.bench import open_bench
    from technopro.promotion import promote_trained
    from technopro.retrain import Order, retrain_batch

    with stage(plant, "retrain", scope.given(batch_id), options, prefect_run_id) as run:
        await_turn(plant, run, progress)
        told = _verdicts(plant, batch_id, options)
        with registry.unit_of_work(plant.engine) as session:
            known = list(registry.patterns(session))
        if strange := sorted(scope.patterns - set(known)):
            raise InputError(
                f"expected patterns among {', '.join(known) or 'none yet'}; found "
                f"{', '.join(strange)}: see `technopro pattern list`"
            )
        bench = open_bench(plant, batch_id, options, progress, announce, spread, keeps=True)
        run.device = bench.machine.device.type
        run.lap("survey")
        if plan := bench.forecast:
            run.figures["expected"] = {"seconds": plan.seconds, "memory_mb": plan.memory_mb}
        due = _due(bench, batch_id, run.id, scope, progress)
        run.lap("comparison")
        order = Order(batch_id, run.id, run.version, scope.known, scope.which == "all", told)
        trained, seconds = retrain_batch(bench, order, progress, due)
        for part in (seconds, *(one.seconds for one in trained)):
            run.add(part)
        run.restart()
        promote_trained(bench, trained, told, f"run {run.id}", progress)
        run.lap("promotion")
    return run.id, bench


def _due(bench: Bench, batch_id: int, run_id: str, scope: Scope, progress: Progress) -> Due:
    """Return what tells which patterns of the batch are to be learned."""
    from technopro.due import always, among, if_new

    due: Due = always
    if scope.which == "changed":
        due = _changed(bench, batch_id, run_id, progress)
    elif scope.which == "new":
        with registry.unit_of_work(bench.plant.engine) as session:
            champions = registry.champions(session)
        due = partial(if_new, champions)
    return partial(among, scope.patterns, due) if scope.patterns else due


def _changed(bench: Bench, batch_id: int, run_id: str, progress: Progress) -> Due:
    """Compare the batch with the nights before, record it, and return what tells who is due."""
    from technopro.drifting import compare_with_past
    from technopro.due import if_changed

    with registry.unit_of_work(bench.plant.engine) as session:
        champions = registry.champions(session)
    assessment = compare_with_past(bench, batch_id, champions, progress)
    with registry.unit_of_work(bench.plant.engine) as session:
        record_and_tell(session, run_id, assessment.figures, learning=True)
        session.commit()
    return partial(if_changed, bench, champions, assessment)


def _verdicts(plant: Plant, batch_id: int, options: Options) -> dict[str, float]:
    if options.verdicts is None:
        return {}
    from technopro.learner.verdicts import read_verdicts

    with registry.unit_of_work(plant.engine) as session:
        records = registry.batch_records(session, batch_id)
    return read_verdicts(Path(options.verdicts), records)


def waiting(plant: Plant, batch_id: int) -> list[int]:
    """Return the earlier batches of the same source that no night has judged yet."""
    with registry.unit_of_work(plant.engine) as session:
        return registry.waiting(session, batch_id)


def still_holds(plant: Plant, batch_id: int, options: Options = Options()) -> str | None:  # noqa: B008
    """Return the run that judged a batch, if judging it again would change nothing."""
    with registry.unit_of_work(plant.engine) as session:
        return registry.still_holds(session, batch_id, parameters({"batch": batch_id}, options))


def score(
    plant: Plant,
    batch_id: int,
    options: Options = Options(),  # noqa: B008
    *,
    only_run: str | None = None,
    prefect_run_id: str | None = None,
    progress: Progress = quiet,
    bench: Bench | None = None,
    spread: Spread | None = None,
) -> str:
    """Score a batch with the champions, record the night; returns its run id.

    With `only_run`, the models of that retrain run score, whatever else is champion. The `bench`
    of a retrain on the same batch saves looking at the images again; `spread` has large batches
    looked at and scored by other workers.
    """
    from technopro.bench import open_bench
    from technopro.drifting import compare_with_past, keep_sample
    from technopro.score import score_batch
    from technopro.watch import roll_back_unsteady

    with stage(plant, "score", {"batch": batch_id}, options, prefect_run_id) as run:
        await_turn(plant, run, progress)
        bench = bench or open_bench(plant, batch_id, options, progress, spread=spread)
        run.device = bench.machine.device.type
        run.lap("looking")
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
            run.figures["sample"] = keep_sample(
                plant.store, run.id, assessment.night, bench.extractor.backbone.sha256
            )
            run.lap("comparison")
        _record(plant, run.id, batch_id, models, night, assessment)
    bench.shards.checkpoints.clear()
    return run.id


def inspect(
    plant: Plant,
    source: str,
    out: Path,
    options: Options = Options(),  # noqa: B008
    *,
    progress: Progress = quiet,
    announce: Callable[[object], None] = lambda _: None,
) -> dict[str, Any]:
    """Go the whole way for one source, from nothing, and write the results into `out`."""
    started = perf_counter()
    batch_id = ingest(plant, source, everything=True, progress=progress, announce=announce)
    scope = Scope(known=False)
    trained, bench = _retrain(plant, batch_id, options, scope, None, progress, announce)
    scored = score(plant, batch_id, options, only_run=trained, progress=progress, bench=bench)
    return write_night(plant, scored, out, total_s=perf_counter() - started)


def write_night(
    plant: Plant, run_id: str, out: Path, *, total_s: float | None = None
) -> dict[str, Any]:
    """Write a recorded night's files into `out` and return its summary."""
    from technopro.report.night import write_files

    return write_files(plant, run_id, out, versions(), total_s)


def _record(
    plant: Plant,
    run_id: str,
    batch_id: int,
    models: dict[str, registry.ModelRow],
    night: Night,
    assessment: Assessment | None,
) -> None:
    """Object first, row second: heat maps into the store, then all rows at once."""
    from technopro.usable import tell_unusable

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
            record_and_tell(session, run_id, assessment.figures)
        tell_mostly_defective(session, run_id, night.patterns)
        tell_unusable(session, run_id, batch_id)
        names = [pattern.pattern for pattern in night.patterns]
        registry.seen_again(session, names, batch_id, actor=f"run {run_id}")
        session.commit()
