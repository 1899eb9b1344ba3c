"""The object store against the rows, both ways: objects without a row, rows without their object.

An object without a row may be deleted only if the database itself explains it: it was written while
a run of this database was at work that has ended since, and long enough ago. Anything else may
belong to another plant, or to a database that was restored from an older copy; it is reported.
Keys that this product does not write are not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from technopro.intake import thumb_key
from technopro.plant import Plant, Progress
from technopro.registry import objects, unit_of_work
from technopro.registry.objects import PIECES, StoredWeights, Work
from technopro.registry.retention import pruned_weights
from technopro.store import ObjectInfo, ObjectStore

SLACK = timedelta(minutes=5)  # between the store's clock and ours, and between two signs of life


@dataclass(frozen=True)
class Wanted:
    """An object that a row speaks of."""

    key: str
    what: str  # it is, in plain words
    needed: bool = False  # judging, or proving a past judgement, depends on it
    size_bytes: int | None = None


@dataclass
class Swept:
    """What was found of one kind of objects."""

    kind: str
    objects: int = 0
    size_bytes: int = 0
    orphans: list[ObjectInfo] = field(default_factory=list)  # may go
    young: int = 0  # without a row, but perhaps the row is still to come
    unexplained: list[str] = field(default_factory=list)  # keys; no run of this database wrote them
    missing: list[Wanted] = field(default_factory=list)
    damaged: list[Wanted] = field(default_factory=list)  # of another size than was recorded

    @property
    def critical(self) -> list[Wanted]:
        """What a person must see to."""
        return [*(one for one in self.missing if one.needed), *self.damaged]


@dataclass(frozen=True)
class Origin:
    """What the runs of this database say to an object without a row."""

    explained: Callable[[ObjectInfo], bool]  # a run that has ended wrote it
    going_on: Callable[[ObjectInfo], bool]  # a run that goes on may have written it


def sweep(plant: Plant, before: datetime, progress: Progress) -> list[Swept]:
    """Look at all images, thumbnails, weights, heat maps and samples; changes nothing.

    Objects without a row that were written after `before` are counted as young.
    """
    with unit_of_work(plant.engine) as session:
        ingests, retrains, scorings = (
            objects.work(session, kind) for kind in ("ingest", "retrain", "score")
        )
    kinds: list[tuple[str, Sequence[str], Callable[[Session, str], list[Wanted]], Origin]] = [
        ("images", [f"images/{p}/" for p in PIECES], _images, _by_time(ingests)),
        ("thumbs", [f"thumbs/{p}/" for p in PIECES], _thumbnails, _by_time(ingests)),
        ("models", ["models/"], _weights, _by_time(retrains)),
        ("heat", [f"heat/{p}" for p in PIECES], _heat_maps, _by_run(scorings)),
        ("nights", ["nights/"], _samples, _by_run(scorings)),
    ]
    swept = []
    for number, (kind, prefixes, wanted, origin) in enumerate(kinds):
        progress("comparing store and database", number, len(kinds))
        found = Swept(kind)
        for prefix in prefixes:
            with unit_of_work(plant.engine) as session:
                rows = wanted(session, prefix)
            _compare(plant.store, prefix, rows, before, origin, found)
        swept.append(found)
    progress("comparing store and database", len(kinds), len(kinds))
    return swept


def _compare(
    store: ObjectStore,
    prefix: str,
    rows: Sequence[Wanted],
    before: datetime,
    origin: Origin,
    found: Swept,
) -> None:
    """Add to `found`; the rows were read before the listing, so each should be in it."""
    listed = {one.key: one for one in store.list(prefix)}
    found.objects += len(listed)
    found.size_bytes += sum(one.size_bytes for one in listed.values())
    for row in rows:
        there = listed.get(row.key)
        if there is None and not store.exists(row.key):
            found.missing.append(row)
        elif there and row.size_bytes not in (None, there.size_bytes):
            found.damaged.append(row)
    known = {row.key for row in rows}
    for key in sorted(listed.keys() - known):
        if listed[key].modified > before or origin.going_on(listed[key]):
            found.young += 1
        elif origin.explained(listed[key]):
            found.orphans.append(listed[key])
        else:
            found.unexplained.append(key)


def _images(session: Session, prefix: str) -> list[Wanted]:
    rows = objects.stored_images(session, prefix.split("/")[1])
    return [Wanted(row.key, f"image {row.sha256}", True, row.size_bytes) for row in rows]


def _thumbnails(session: Session, prefix: str) -> list[Wanted]:
    rows = objects.stored_images(session, prefix.split("/")[1])
    return [Wanted(thumb_key(row.sha256), f"thumbnail of {row.sha256}") for row in rows]


def _weights(session: Session, _: str) -> list[Wanted]:
    gone = pruned_weights(session)
    return [
        Wanted(row.key, _called(row), row.needed)
        for row in objects.stored_weights(session)
        if row.model_id not in gone
    ]


def _called(row: StoredWeights) -> str:
    return f"weights of {row.pattern} {row.version} ({row.status})"


def _heat_maps(session: Session, prefix: str) -> list[Wanted]:
    keys = objects.heat_keys(session, prefix.split("/")[1])
    return [Wanted(key, f"heat map {key}") for key in keys]


def _samples(session: Session, _: str) -> list[Wanted]:
    return [Wanted(key, f"sample {key}") for key in objects.sample_keys(session)]


def _by_time(runs: Sequence[Work]) -> Origin:
    ended = [run for run in runs if run.state != "running"]
    others = [run for run in runs if run.state == "running"]
    return Origin(
        lambda one: any(r.since - SLACK <= one.modified <= r.until + SLACK for r in ended),
        lambda one: any(r.since <= one.modified for r in others),
    )


def _by_run(runs: Sequence[Work]) -> Origin:
    """The key of a heat map or a sample names its run."""
    states = {run.run_id: run.state for run in runs}

    def state(one: ObjectInfo) -> str | None:
        return states.get(one.key.split("/")[1].partition(".")[0])

    return Origin(
        lambda one: state(one) not in (None, "running"), lambda one: state(one) == "running"
    )
