"""The scores of a night, or of one pattern in it, as probabilities of a defect."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from technopro.registry.tables import Prediction
from technopro.results import Fault


def calibrated_scores(session: Session, run_id: str, pattern: str) -> list[float]:
    """Return the scores (0 to 1) of a pattern's images, ascending; empty where there are none.

    Left out are pictures that say nothing about their part: what they have is no probability of
    theirs, and a person sees them whatever the thresholds are. A duplicate counts.
    """
    p = Prediction
    wanted = select(p.score).where(p.run_id == run_id, p.pattern == pattern, _sound())
    return list(session.scalars(wanted.order_by(p.score)))


def judged_scores(session: Session, run_id: str) -> pd.DataFrame:
    """Return `pattern`, `score` and `decision` of a night's images, but for those left out above.

    Every image is there once, whatever the number of its paths.
    """
    p = Prediction
    rows = session.execute(
        select(p.pattern, p.score, p.decision).where(p.run_id == run_id, _sound())
    )
    return pd.DataFrame(rows.all(), columns=["pattern", "score", "decision"])


def _sound() -> ColumnElement[bool]:
    return Prediction.fault.is_(None) | (Prediction.fault == Fault.DUPLICATE.value)
