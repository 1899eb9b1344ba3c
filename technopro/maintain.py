"""Putting a plant in order: runs that died, objects without a row, rows without their object.

An object is always written before its row, so a crash leaves objects without a row, never the other
way round. Where that happened long enough ago, they may be deleted; a row is never deleted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath

from technopro import registry
from technopro.alerting import tell_upkeep
from technopro.checkpoints import clear_checkpoints
from technopro.errors import ObjectMissing
from technopro.plant import Plant, Progress, quiet
from technopro.registry import objects
from technopro.running import OpenRun, open_run
from technopro.store import ObjectInfo
from technopro.sweep import Swept, sweep

GRACE = timedelta(hours=24)  # an ingest or a night may be under way for so long
SILENT = timedelta(minutes=15)  # thirty signs of life that did not come
NAMED = 1000  # keys that one audit entry names
BY_CONTENT = ("images", "thumbs")  # their keys come again when the same image does


@dataclass(frozen=True)
class Findings:
    """What was found and done."""

    run_id: str
    closed: Sequence[registry.RunRow]  # runs that had died
    swept: Sequence[Swept]
    deleted: Mapping[str, int]  # objects without a row, by kind
    held_back: bool  # an ingest is going on, so no image or thumbnail was deleted

    @property
    def needs_a_person(self) -> bool:
        return any(one.critical or one.unexplained for one in self.swept)


def maintain(
    plant: Plant,
    *,
    delete: bool = False,
    grace: timedelta = GRACE,
    silent: timedelta = SILENT,
    actor: str = "maintain",
    prefect_run_id: str | None = None,
    progress: Progress = quiet,
) -> Findings:
    """Close the runs that died, compare the store with the rows, and report.

    Checkpoints older than `grace` go: no run takes them up any more. With `delete`, objects without
    a row go too that a run of this database wrote before then. What
    was found is kept with a run of kind `maintain`, what was deleted in the audit log too, and what
    a person should know becomes an alert.
    """
    with registry.unit_of_work(plant.engine) as session:
        closed = registry.close_stale(session, silent)
        session.commit()
    parameters = {"delete": delete, "grace_s": grace.total_seconds()}
    with open_run(plant, "maintain", parameters, prefect_run_id=prefect_run_id) as run:
        swept = sweep(plant, datetime.now(UTC) - grace, progress)
        with registry.unit_of_work(plant.engine) as session:
            tell_upkeep(session, run.id, closed, swept)
            session.commit()
        run.lap("comparing")
        deleted = _delete_orphans(plant, run, swept, actor) if delete else {}
        held_back = delete and any(one.orphans and one.kind not in deleted for one in swept)
        run.lap("deleting")
        run.figures |= {
            "checkpoints": clear_checkpoints(plant.store, datetime.now(UTC) - grace),
            "closed": [one.id for one in closed],
            "objects": {one.kind: _figures(one) for one in swept},
            "deleted": deleted,
        }
    return Findings(run.id, closed, swept, deleted, held_back)


def _figures(one: Swept) -> dict[str, int]:
    return {
        "objects": one.objects,
        "bytes": one.size_bytes,
        "without_row": len(one.orphans),
        "young": one.young,
        "unexplained": len(one.unexplained),
        "missing": len(one.missing),
        "damaged": len(one.damaged),
    }


def _delete_orphans(
    plant: Plant, run: OpenRun, swept: Sequence[Swept], actor: str
) -> dict[str, int]:
    """Write down what goes, then delete it; returns how many went, by kind."""
    gone = {}
    for one in swept:
        if not one.orphans or (one.kind in BY_CONTENT and _is_taking_in(plant)):
            continue
        keys = [orphan.key for orphan in one.orphans]
        size = sum(orphan.size_bytes for orphan in one.orphans)
        details = {"run": run.id, "objects": len(keys), "bytes": size, "keys": keys[:NAMED]}
        with registry.unit_of_work(plant.engine) as session:
            registry.note(session, actor, "delete objects", one.kind, **details)
            session.commit()
        gone[one.kind] = sum(_delete(plant, one.kind, orphan) for orphan in one.orphans)
    return gone


def _delete(plant: Plant, kind: str, orphan: ObjectInfo) -> bool:
    """Delete one object; returns whether it stayed away.

    An ingest that brings the same image finds the object there, does not write it again, and adds
    its row. So we look after deleting: where the row has come, or an ingest has begun that may have
    seen the object, it is put back.
    """
    if kind not in BY_CONTENT:
        plant.store.delete(orphan.key)
        return True
    try:
        data = plant.store.get(orphan.key)
    except ObjectMissing:
        return False
    plant.store.delete(orphan.key)
    with registry.unit_of_work(plant.engine) as session:
        wanted = objects.is_taking_in(session) or bool(
            objects.known_images(session, [PurePosixPath(orphan.key).stem])
        )
    if wanted:
        plant.store.put(orphan.key, data)
    return not wanted


def _is_taking_in(plant: Plant) -> bool:
    with registry.unit_of_work(plant.engine) as session:
        return objects.is_taking_in(session)
