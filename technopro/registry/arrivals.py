"""What is new in a source, and which of its batches still wait to be judged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from technopro.registry.newest import newest_scorings
from technopro.registry.tables import AuditEntry, Batch, BatchImage, DefectRate, Quarantine, Run

AT_ONCE = 500  # paths a question
# what changes a night's figures
MATTERS = ("promote", "roll back", "thresholds", "merge", "split", "retire", "relieve")


def unseen(session: Session, source: str, stamps: Mapping[str, str]) -> list[str]:
    """Return the files, of those listed by path with their stamps, that no batch has brought.

    A file whose bytes were replaced since has another stamp, and is new again.
    """
    paths = list(stamps)
    new = []
    for start in range(0, len(paths), AT_ONCE):
        some = paths[start : start + AT_ONCE]
        seen = {
            (path, stamp)
            for table in (BatchImage, Quarantine)
            for path, stamp in session.execute(
                select(table.path, table.stamp)
                .join(Batch, Batch.id == table.batch_id)
                .where(table.path.in_(some), Batch.source == source)
            )
        }
        new += [path for path in some if (path, stamps[path]) not in seen]
    return new


def newest_batch(session: Session, source: str) -> int | None:
    """Return the last batch of a source that brought images."""
    brought = (Batch.source == source) & (Batch.images > 0)
    return session.scalar(select(func.max(Batch.id)).where(brought))


def newest_arrival(session: Session) -> datetime | None:
    """Return when the last batch came that was judged."""
    return session.scalar(select(func.max(Batch.created_at)).join(DefectRate))


def batch_holding(session: Session, pattern: str, images: int) -> int | None:
    """Return the last batch of which so many images were judged as a pattern."""
    held = (DefectRate.pattern == pattern) & (DefectRate.images >= images)
    return session.scalar(select(func.max(DefectRate.batch_id)).where(held))


def waiting(session: Session, batch_id: int) -> list[int]:
    """Return the earlier batches of a batch's source that were never judged, oldest first.

    A night that dies leaves some behind.
    """
    source = select(Batch.source).where(Batch.id == batch_id).scalar_subquery()
    earlier = (Batch.source == source) & (Batch.images > 0) & (Batch.id < batch_id)
    judged = select(newest_scorings().c.batch_id)
    wanted = select(Batch.id).where(earlier, Batch.id.not_in(judged))
    return list(session.scalars(wanted.order_by(Batch.id)))


def still_holds(session: Session, batch_id: int, parameters: Mapping[str, Any]) -> str | None:
    """Return the run that judged a batch, where judging it again would say the same.

    That is where it ran with the same `parameters` and nothing has changed since that a night's
    figures depend on.
    """
    judged = newest_scorings()
    run_id = session.scalar(select(judged.c.run_id).where(judged.c.batch_id == batch_id))
    run = None if run_id is None else session.get_one(Run, run_id)
    if run is None or "sample" not in (run.figures or {}) or run.parameters != dict(parameters):
        return None
    return None if _changed_since(session, run.started_at) else run.id


def already_learned(session: Session, parameters: Mapping[str, Any]) -> str | None:
    """Return the newest retrain, where it had these `parameters` and its night died after it.

    That is where nothing has been scored since, and nothing else has changed either.
    """
    done = (Run.state == "completed") & Run.kind.in_(("retrain", "score"))
    run = session.scalar(select(Run).where(done).order_by(Run.started_at.desc(), Run.id).limit(1))
    if run is None or run.kind != "retrain" or run.parameters != dict(parameters):
        return None
    return None if _changed_since(session, run.finished_at or run.started_at) else run.id


def _changed_since(session: Session, moment: datetime) -> bool:
    later = (AuditEntry.at > moment) & AuditEntry.action.in_(MATTERS)
    return session.scalar(select(AuditEntry.id).where(later).limit(1)) is not None
