"""The scores of one pattern in one night, as probabilities of a defect."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopro.registry.tables import Prediction
from technopro.results import Fault


def calibrated_scores(session: Session, run_id: str, pattern: str) -> list[float]:
    """Return the scores (0 to 1) of a pattern's images, ascending; empty where there are none.

    Left out are pictures that say nothing about their part: what they have is no probability of
    theirs, and a person sees them whatever the thresholds are. A duplicate counts.
    """
    p = Prediction
    sound = p.fault.is_(None) | (p.fault == Fault.DUPLICATE.value)
    wanted = select(p.score).where(p.run_id == run_id, p.pattern == pattern, sound)
    return list(session.scalars(wanted.order_by(p.score)))
