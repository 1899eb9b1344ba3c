"""The random audit lane: which parts of a night people are asked about, whatever was decided.

No table of draws is needed: the parts of a stratum (accepted, review, flagged) in the order of the
SHA-256 of run id and image are in random order, the same for everyone at any time.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from technopro import results
from technopro.errors import InputError, RegistryError
from technopro.registry.tables import BatchImage, DefectRate, Prediction, Run

DRAWN = 500  # parts of each decision that people may be asked about


@dataclass(frozen=True)
class AuditPart:
    """One part that the audit lane asks about. Who is asked should not see the decision."""

    sha256: str
    path: str
    pattern: str
    score: float
    decision: results.Decision
    heat_key: str | None


def audit_lane(session: Session, run_id: str, count: int) -> list[AuditPart]:
    """Return `count` accepted, `count` review and `count` flagged parts, drawn at random.

    They come mixed, so that the order tells nothing of the decision, and the same at every call; a
    larger count only adds parts. Pictures that say nothing of their part, and copies, are not
    drawn. Raises InputError for a count outside 1 to 500, RegistryError for an unknown run.
    """
    if not 1 <= count <= DRAWN:
        raise InputError(f"expected 1 to {DRAWN} parts of each decision, found {count}")
    if session.get(Run, run_id) is None:
        raise RegistryError(f"expected a run {run_id}, found none in this database")
    order = drawn(session, run_id, count)
    wanted = select(Prediction, path_in_night()).where(
        Prediction.run_id == run_id, Prediction.sha256.in_(order)
    )
    parts = [
        AuditPart(p.sha256, path, p.pattern, p.score, results.Decision(p.decision), p.heat_key)
        for p, path in session.execute(wanted)
    ]
    return sorted(parts, key=lambda part: order[part.sha256])


def drawn(session: Session, run_id: str, count: int) -> dict[str, str]:
    """Return the first `count` images of every stratum, each with the key of its random order."""
    strata: dict[str, list[tuple[str, str]]] = {}
    rows = session.execute(
        select(Prediction.sha256, Prediction.decision).where(
            Prediction.run_id == run_id, Prediction.fault.is_(None)
        )
    )
    for sha256, decision in rows:
        key = hashlib.sha256(f"{run_id} {sha256}".encode()).hexdigest()
        strata.setdefault(decision, []).append((key, sha256))
    return {sha256: key for own in strata.values() for key, sha256 in sorted(own)[:count]}


def path_in_night() -> ScalarSelect[str]:
    """Return the path of a prediction's image in the batch that its run scored, as a subquery."""
    return (
        select(func.coalesce(func.min(BatchImage.path), ""))
        .join(DefectRate, DefectRate.batch_id == BatchImage.batch_id)
        .where(DefectRate.run_id == Prediction.run_id, BatchImage.sha256 == Prediction.sha256)
        .correlate(Prediction)
        .scalar_subquery()
    )
