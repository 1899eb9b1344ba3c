"""What people said of images."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from technopro.registry.tables.base import NAME, Base, now, one_of


class Verdict(Base):
    """What a person said of an image of a night; a later one by the same person replaces it."""

    __tablename__ = "verdicts"
    __table_args__ = (
        one_of("label", "ok", "defect", "withdrawn"),
        one_of("lane", "audit", "review", "unstable", "other"),
        Index("ix_verdicts_run_id_lane", "run_id", "lane"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"))
    sha256: Mapped[str] = mapped_column(ForeignKey("images.sha256"), index=True)
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    actor: Mapped[str] = mapped_column(NAME)
    label: Mapped[str] = mapped_column(String(20))
    lane: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None]
