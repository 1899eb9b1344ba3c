"""The audit log: who changed what, when; rows are only ever added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopro.registry.tables import AuditEntry


@dataclass(frozen=True)
class AuditRow:
    """One change."""

    at: datetime
    actor: str
    action: str
    subject: str
    details: Mapping[str, Any]


def note(session: Session, actor: str, action: str, subject: str, **details: object) -> None:
    """Add a row; it is kept or lost together with the change that it speaks of."""
    session.add(AuditEntry(actor=actor, action=action, subject=subject, details=details))


def audit_rows(
    session: Session,
    subject: str | None = None,
    *,
    actor: str | None = None,
    after: datetime | None = None,
    limit: int | None = None,
) -> list[AuditRow]:
    """Return changes, newest first: all, or of one subject, by one actor, after a moment."""
    wanted = select(AuditEntry).order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(limit)
    if subject is not None:
        wanted = wanted.where(AuditEntry.subject == subject)
    if actor is not None:
        wanted = wanted.where(AuditEntry.actor == actor)
    if after is not None:
        wanted = wanted.where(AuditEntry.at > after)
    return [
        AuditRow(r.at, r.actor, r.action, r.subject, r.details) for r in session.scalars(wanted)
    ]
