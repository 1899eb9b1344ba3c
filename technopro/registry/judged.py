"""The images of a pattern that were judged last."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from technopro.registry.tables import Prediction, Run


def newest_images(session: Session, pattern: str, count: int) -> list[str]:
    """Return SHA-256s of at most `count` images that say something of their part, newest first."""
    newest = func.max(Run.started_at)
    return list(
        session.scalars(
            select(Prediction.sha256)
            .join(Run, Run.id == Prediction.run_id)
            .where(Prediction.pattern == pattern, Prediction.fault.is_(None))
            .group_by(Prediction.sha256)
            .order_by(newest.desc(), Prediction.sha256)
            .limit(count)
        )
    )


def scores_by(session: Session, model_id: int, hashes: Sequence[str]) -> dict[str, float]:
    """Return the scores that a model gave to some images, by SHA-256; those it judged alone."""
    rows = session.execute(
        select(Prediction.sha256, Prediction.score).where(
            Prediction.model_id == model_id,
            Prediction.sha256.in_(hashes),
            Prediction.fault.is_(None),
        )
    )
    return {sha256: score for sha256, score in rows}
