"""The images that show what a pattern usually looks like: those in the middle of its scores."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from technopro.registry.tables import Prediction


def typical(session: Session, run_id: str, pattern: str, count: int = 3) -> list[str]:
    """Return the SHA-256s of the images around a pattern's median score in a night.

    Pictures that say nothing about their part are left out; at most `count`, fewer where the night
    has fewer.
    """
    own = (
        (Prediction.run_id == run_id) & (Prediction.pattern == pattern) & Prediction.fault.is_(None)
    )
    total = session.scalar(select(func.count()).where(own)) or 0
    found = session.scalars(
        select(Prediction.sha256)
        .where(own)
        .order_by(Prediction.score, Prediction.sha256)
        .offset(max(0, (total - count) // 2))
        .limit(count)
    )
    return list(found)
