"""From a folder or bucket to a recorded batch: only what has not been taken in before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from zoneinfo import ZoneInfo

from joblib import cpu_count  # that this process may use

from technopro import registry
from technopro.alerting import tell_repeats
from technopro.errors import InputError
from technopro.intake import take_in
from technopro.plant import Options, Plant, Progress, quiet
from technopro.running import stage
from technopro.store import ObjectInfo, ObjectStore, open_store

MANY_REPEATS = 0.01  # of the files; a few belong to any large bucket
MOST_PROCESSES = 8  # each holds 0.1 GB before its first picture


def ingest(
    plant: Plant,
    source: str,
    *,
    everything: bool = False,
    line: str | None = None,
    prefect_run_id: str | None = None,
    progress: Progress = quiet,
    announce: Callable[[str], None] = lambda _: None,
) -> int:
    """Take in what is new in a folder or s3:// prefix and return its batch id.

    Where nothing is new, that is the last batch of the source. With `everything`, what was taken in
    before comes along; the same batch keeps its id. `line` is the production line that it comes
    from. `announce` is told what was found; the run's figures say so too. Raises InputError where
    the source is missing or has no readable image.
    """
    origin = open_store(source, plant.settings.s3_endpoint_url, must_exist=True)
    last, files = _new(plant, origin, everything)
    if last is not None and not files:
        announce(f"batch {last}: already known, nothing new in {source}")
        return last
    with stage(plant, "ingest", {"source": source}, Options(), prefect_run_id) as run:
        batch = take_in(
            origin,
            plant.store,
            lambda done, n: progress("taking in images", done, n),
            zone=ZoneInfo(plant.settings.timezone),
            files=files,
            processes=plant.settings.threads or min(cpu_count(), MOST_PROCESSES),
        )
        if not batch.images and last is None:
            first = batch.quarantined[0]
            raise InputError(
                f"no readable image in {source}: {len(batch.quarantined)} files, the first is "
                f"{first.path} ({first.reason})"
            )
        with registry.unit_of_work(plant.engine) as session:
            batch_id, fresh = registry.record_batch(session, run.id, replace(batch, line=line))
            if origin.repeats > max(1, MANY_REPEATS * len(files)):
                tell_repeats(session, source, origin.repeats, len(files))
            session.commit()
        run.lap("intake")
        run.figures |= {"batch": batch_id, "new": fresh, "repeats": origin.repeats}
    found = f"{len(batch.images)} images, {len(batch.quarantined)} in quarantine"
    announce(f"batch {batch_id}: {found if fresh else 'already known, nothing changed'}")
    return batch_id if batch.images or last is None else last


def _new(
    plant: Plant, origin: ObjectStore, everything: bool
) -> tuple[int | None, list[ObjectInfo]]:
    """Return the last batch of a source, if it is gone on with, and the files that are new."""
    files = list(origin.list())
    if everything:
        return None, files
    with registry.unit_of_work(plant.engine) as session:
        last = registry.newest_batch(session, origin.url)
        if last is None:
            return None, files
        new = set(registry.unseen(session, origin.url, {f.key: f.stamp for f in files}))
    return last, [file for file in files if file.key in new]
