"""How many files of a night said nothing about their part: broken files and faulty pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from technopro.registry.lane import path_in_night
from technopro.registry.newest import newest_scorings
from technopro.registry.tables import Batch, Prediction
from technopro.results import Fault

UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Usability:
    """A batch's files, and why which of them could not be judged.

    What shows something else may be a new product: that has figures and an alarm of its own.
    """

    files: int
    unusable: Mapping[str, int]  # by fault, or `unreadable`; the most frequent first

    @property
    def count(self) -> int:
        return sum(self.unusable.values())


def usability(session: Session, run_id: str, batch_id: int) -> Usability:
    """Return what a scoring run could judge of its batch."""
    return _usability(session, {batch_id: run_id})[0]


def past_usability(session: Session, batch_id: int, limit: int) -> list[Usability]:
    """Return the last scored batches before one, newest first."""
    scored = newest_scorings()
    last = (
        select(scored.c.batch_id, scored.c.run_id)
        .where(scored.c.batch_id < batch_id)
        .order_by(scored.c.batch_id.desc())
        .limit(limit)
    )
    return _usability(session, {batch: run for batch, run in session.execute(last)})


def faulty_pictures(session: Session, run_id: str) -> list[tuple[str, Fault]]:
    """Return path and fault of every picture of a night that says nothing about its part."""
    rows = session.execute(
        select(path_in_night(), Prediction.fault).where(
            Prediction.run_id == run_id, _says_nothing()
        )
    )
    return sorted((path, Fault(fault)) for path, fault in rows)


def _says_nothing() -> ColumnElement[bool]:
    """A copy of a picture is as good as the picture."""
    return Prediction.fault.is_not(None) & (Prediction.fault != Fault.DUPLICATE.value)


def _usability(session: Session, runs: Mapping[int, str]) -> list[Usability]:
    faults = (
        select(Prediction.run_id, Prediction.fault, func.count())
        .where(Prediction.run_id.in_(runs.values()), _says_nothing())
        .where(Prediction.fault != Fault.FOREIGN.value)
        .group_by(Prediction.run_id, Prediction.fault)
    )
    found: dict[str, dict[str, int]] = {}
    for run_id, fault, count in session.execute(faults):
        found.setdefault(run_id, {})[fault] = count
    batches = session.scalars(select(Batch).where(Batch.id.in_(runs)).order_by(Batch.id.desc()))
    return [
        _night(b.images + b.quarantined, {UNREADABLE: b.quarantined, **found.get(runs[b.id], {})})
        for b in batches
    ]


def _night(files: int, unusable: Mapping[str, int]) -> Usability:
    ordered = sorted(unusable.items(), key=lambda item: (-item[1], item[0]))
    return Usability(files, {fault: count for fault, count in ordered if count})
