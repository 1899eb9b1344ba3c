"""Who did what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from technopro.registry.tables.base import NAME, Base, now


class AuditEntry(Base):
    """Who changed what. The database refuses to change or remove a row."""

    __tablename__ = "audit_log"
    __table_args__ = (Index("ix_audit_log_subject_at", "subject", "at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    actor: Mapped[str] = mapped_column(NAME)
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(NAME)  # a pattern's name, mostly
    details: Mapped[dict[str, Any]]
