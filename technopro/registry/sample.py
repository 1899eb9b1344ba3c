"""What the random sample found: counts a run, pattern and decision, for corrected rates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from technopro.decision.corrected import Cell, Corrected, corrected
from technopro.registry.tables import Prediction, Verdict
from technopro.registry.verdicts import settled, verdicts


@dataclass(frozen=True)
class Sampled:
    """Parts of one pattern with one decision in one run, those looked at, and their defects.

    Pictures that say nothing of their part, and copies, are not counted as parts.
    """

    run_id: str
    pattern: str
    decision: str
    parts: int
    looked: int
    defects: int


def sampled(session: Session, run_ids: Sequence[str]) -> list[Sampled]:
    """Return the counts of those runs of which people looked at a random part.

    A part belongs to the sample if somebody met it in the audit lane and an opinion is left; what
    counts is the latest by anyone. So what is said later elsewhere cannot move a part in or out.
    """
    audited = select(Verdict.run_id).where(Verdict.run_id.in_(run_ids), Verdict.lane == "audit")
    runs = sorted(set(session.scalars(audited.distinct())))
    said = [row for row in verdicts(session, runs) if row.drawn] if runs else []
    labels = settled(said)
    looked: Counter[tuple[str, str, str]] = Counter()
    defects: Counter[tuple[str, str, str]] = Counter()
    for row in {(row.run_id, row.sha256): row for row in said}.values():
        key = (row.run_id, row.pattern, row.decision.value)
        looked[key] += 1
        defects[key] += labels[row.run_id, row.sha256].label == "defect"
    return [
        Sampled(*key, parts, looked[key], defects[key])
        for key, parts in _parts(session, sorted({row.run_id for row in said})).items()
    ]


def corrected_by(found: Iterable[Sampled]) -> Corrected | None:
    """Return the corrected rate of the runs in `found` that were looked at; None without any.

    Within a run and decision all patterns are one sample.
    """
    by_run: dict[str, dict[str, list[Sampled]]] = {}
    for one in found:
        by_run.setdefault(one.run_id, {}).setdefault(one.decision, []).append(one)
    cells = [
        _cell(decision, own)
        for strata in by_run.values()
        if any(s.looked for own in strata.values() for s in own)
        for decision, own in strata.items()
    ]
    return corrected(cells) if cells else None


def _cell(decision: str, own: Sequence[Sampled]) -> Cell:
    return Cell(
        decision,
        sum(s.parts for s in own),
        sum(s.looked for s in own),
        sum(s.defects for s in own),
    )


def _parts(session: Session, runs: Sequence[str]) -> dict[tuple[str, str, str], int]:
    """Count by run, pattern and decision; a run's rows lie together in the index."""
    key = (Prediction.run_id, Prediction.pattern, Prediction.decision)
    counted = (
        select(*key, func.count())
        .where(Prediction.run_id.in_(runs), Prediction.fault.is_(None))
        .group_by(*key)
    )
    return {(run, pattern, what): n for run, pattern, what, n in session.execute(counted)}
