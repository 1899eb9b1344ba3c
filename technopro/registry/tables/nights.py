"""What runs made of images and patterns."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from technopro.registry.tables.base import Base, is_share, one_of
from technopro.results import Fault


class Prediction(Base):
    """What a run made of an image."""

    __tablename__ = "predictions"
    __table_args__ = (
        *is_share("score"),
        one_of("decision", "ok", "review", "defect"),
        one_of("fault", *Fault),
        Index("ix_predictions_run_id_pattern_score", "run_id", "pattern", "score"),
    )
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("images.sha256"), primary_key=True, index=True)
    pattern: Mapped[str] = mapped_column(ForeignKey("patterns.name"))
    model_id: Mapped[int] = mapped_column(ForeignKey("model_versions.id"))
    score: Mapped[float]
    decision: Mapped[str] = mapped_column(String(20))
    heat_key: Mapped[str | None] = mapped_column(String(1024))
    fault: Mapped[str | None] = mapped_column(String(20))
    like: Mapped[str | None] = mapped_column(ForeignKey("images.sha256"))


class DefectRate(Base):
    """One pattern in one night."""

    __tablename__ = "defect_rates"
    __table_args__ = tuple(
        is_share(
            "share",
            "share_low",
            "share_high",
            "threshold",
            "review_threshold",
            "quality",
            "quality_low",
            "quality_high",
        )
    )
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    pattern: Mapped[str] = mapped_column(ForeignKey("patterns.name"), primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), index=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("model_versions.id"))
    images: Mapped[int]
    flagged: Mapped[int]
    separable: Mapped[bool]
    share: Mapped[float]
    share_low: Mapped[float]
    share_high: Mapped[float]
    threshold: Mapped[float]
    review_threshold: Mapped[float]
    quality: Mapped[float]
    quality_low: Mapped[float]
    quality_high: Mapped[float]
