"""Things a person should know; while one is open, the same is not raised again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast, get_args

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from technopro.errors import InputError, RegistryError
from technopro.registry.audit import note
from technopro.registry.insert import insert_one
from technopro.registry.tables import Alert
from technopro.settings import AlertLevel

LONGEST, SUBJECT = 200, 100  # characters of a topic, and of a subject in the audit log


@dataclass(frozen=True)
class AlertRow:
    """One alert; `closed_at` is None while it is open."""

    topic: str  # what it is about: kind and subject
    level: AlertLevel
    words: str
    run_id: str | None
    pattern: str | None
    raised_at: datetime
    closed_at: datetime | None
    closed_by: str | None


def raise_alert(
    session: Session,
    topic: str,
    *,
    level: str,
    words: str,
    run_id: str | None = None,
    pattern: str | None = None,
) -> bool:
    """Open an alert; returns False, and changes nothing, where its topic is open already.

    That holds for writers at the same time too: the database decides. A topic that may get worse
    carries its level in its name. Raises InputError for an unknown level, an empty topic or one of
    more than 200 characters.
    """
    if level not in get_args(AlertLevel):
        known = ", ".join(get_args(AlertLevel))
        raise InputError(f"expected a level among {known}, found {level!r}")
    if not 0 < len(topic) <= LONGEST:
        raise InputError(f"expected a topic of 1 to {LONGEST} characters, found {len(topic)}")
    row = {"topic": topic, "level": level, "words": words, "run_id": run_id, "pattern": pattern}
    return insert_one(session, Alert, row)


def close_alert(session: Session, topic: str, *, actor: str) -> None:
    """Close the open alert on a topic; raises RegistryError where there is none."""
    lasting = (Alert.topic == topic) & Alert.closed_at.is_(None)
    closed = session.execute(
        update(Alert)
        .where(lasting)
        .values(closed_at=datetime.now(UTC), closed_by=actor)
        .returning(Alert.level, Alert.words, Alert.pattern)
    ).first()
    if closed is None:
        raise RegistryError(f"expected an open alert {topic!r}, found none")
    note(session, actor, "close alert", topic[:SUBJECT], topic=topic, level=closed.level,
         words=closed.words, pattern=closed.pattern)  # fmt: skip
    session.flush()


def is_open(session: Session, topic: str) -> bool:
    """Return whether an alert on a topic is open."""
    lasting = (Alert.topic == topic) & Alert.closed_at.is_(None)
    return session.scalar(select(Alert.id).where(lasting)) is not None


def open_alerts(session: Session) -> list[AlertRow]:
    """Return what is open, the worst level first, then the newest."""
    found = session.scalars(select(Alert).where(Alert.closed_at.is_(None)))
    levels = get_args(AlertLevel)
    worst_first = sorted(found, key=lambda a: (levels.index(a.level), a.raised_at), reverse=True)
    return [row_of(alert) for alert in worst_first]


def alert_history(session: Session, limit: int = 100) -> list[AlertRow]:
    """Return open and closed alerts, newest first."""
    rows = select(Alert).order_by(Alert.raised_at.desc(), Alert.id.desc()).limit(limit)
    return [row_of(alert) for alert in session.scalars(rows)]


def row_of(a: Alert) -> AlertRow:
    """Return an alert apart from its session."""
    return AlertRow(
        a.topic,
        cast(AlertLevel, a.level),
        a.words,
        a.run_id,
        a.pattern,
        a.raised_at,
        a.closed_at,
        a.closed_by,
    )
