"""How many parts of a night wait for a person: a count, without their paths."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopro import results
from technopro.registry.tables import Prediction
from technopro.registry.verdicts import verdicts


def review_waiting(session: Session, run_id: str) -> int:
    """Return the number of parts in the review band of a night that nobody has judged.

    Pictures that say nothing about their part do not count, as in the lane `review`.
    """
    band = select(Prediction.sha256).where(
        Prediction.run_id == run_id,
        Prediction.decision == results.Decision.REVIEW.value,
        Prediction.fault.is_(None),
    )
    judged = {row.sha256 for row in verdicts(session, [run_id])}
    return len(set(session.scalars(band)) - judged)
