"""The scores from which a pattern's images are defects, or are put to a person, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from technopro.errors import InputError, RegistryError
from technopro.registry.audit import note
from technopro.registry.tables import Pattern, Threshold


@dataclass(frozen=True)
class ThresholdRow:
    """Thresholds of one pattern for a time; `until` is None while they last."""

    pattern: str
    defect: float
    review: float
    since: datetime
    until: datetime | None
    actor: str
    reason: str


def set_thresholds(
    session: Session, pattern: str, *, defect: float, review: float, actor: str, reason: str
) -> None:
    """Let a pattern be decided at these scores from now on.

    Raises InputError for scores outside 0 to 1, a review band above the defects, and no reason;
    RegistryError for an unknown pattern.
    """
    if not 0 <= review <= defect <= 1:
        raise InputError(
            "expected 0 <= review threshold <= defect threshold <= 1, "
            f"found {review:g} and {defect:g}"
        )
    if not reason.strip():
        raise InputError("a threshold is changed for a reason; say which")
    if session.get(Pattern, pattern) is None:
        raise RegistryError(f"expected a pattern {pattern}, found none in this database")
    moment = datetime.now(UTC)
    lasting = (Threshold.pattern == pattern) & Threshold.until.is_(None)
    before = session.execute(select(Threshold.defect, Threshold.review).where(lasting)).first()
    session.execute(update(Threshold).where(lasting).values(until=moment))
    row = Threshold(
        pattern=pattern, defect=defect, review=review, since=moment, actor=actor, reason=reason
    )
    session.add(row)
    note(session, actor, "thresholds", pattern, defect=defect, review=review,
         before=None if before is None else list(before), reason=reason)  # fmt: skip
    session.flush()


def thresholds(session: Session) -> dict[str, ThresholdRow]:
    """Return what is in force now, by pattern; a pattern that was never changed is not there."""
    rows = session.scalars(select(Threshold).where(Threshold.until.is_(None)))
    return {row.pattern: _row(row) for row in rows}


def threshold_history(session: Session, pattern: str) -> list[ThresholdRow]:
    """Return all thresholds that a pattern ever had, newest first."""
    rows = session.scalars(
        select(Threshold)
        .where(Threshold.pattern == pattern)
        .order_by(Threshold.since.desc(), Threshold.id.desc())
    )
    return [_row(row) for row in rows]


def _row(t: Threshold) -> ThresholdRow:
    return ThresholdRow(t.pattern, t.defect, t.review, t.since, t.until, t.actor, t.reason)
