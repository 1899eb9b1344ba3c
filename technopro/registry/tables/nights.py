"""What runs made of images and patterns."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from technopro.registry.tables.base import NAME, Base, is_share, now, one_of, one_open
from technopro.results import Fault


class Prediction(Base):
    """What a run made of an image."""

    __tablename__ = "predictions"
    __table_args__ = (
        *is_share("score"),
        one_of("decision", "ok", "review", "defect"),
        one_of("fault", *Fault),
        Index("ix_predictions_run_id_pattern_score", "run_id", "pattern", "score"),
        Index("ix_predictions_run_id_score", "run_id", "score"),
    )
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("images.sha256"), primary_key=True, index=True)
    pattern: Mapped[str] = mapped_column(ForeignKey("patterns.name"))
    model_id: Mapped[int] = mapped_column(ForeignKey("model_versions.id"))
    distance: Mapped[float | None]  # to its pattern's centre, in spreads of the night
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


class DriftFigure(Base):
    """How one thing that a run saw differs from the reference nights."""

    __tablename__ = "drift_figures"
    __table_args__ = (
        *is_share("p_value"),
        one_of("kind", "mix", "scores", "embedding", "novelty"),
        one_of("level", "steady", "watch", "drifted"),
        Index("ix_drift_figures_pattern_kind", "pattern", "kind"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    pattern: Mapped[str | None] = mapped_column(ForeignKey("patterns.name"))
    statistic: Mapped[str] = mapped_column(NAME)
    value: Mapped[float]
    p_value: Mapped[float | None]
    low: Mapped[float | None]
    high: Mapped[float | None]
    level: Mapped[str] = mapped_column(String(20))
    words: Mapped[str]


class Alert(Base):
    """Something a person should know. While it is open, the same is not raised again."""

    __tablename__ = "alerts"
    __table_args__ = (
        one_of("level", "info", "warning", "critical"),
        one_open("alerts", "topic", "closed_at IS NULL"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(String(200))  # what it is about: kind and subject
    level: Mapped[str] = mapped_column(String(20))
    words: Mapped[str]
    run_id: Mapped[str | None] = mapped_column(ForeignKey("runs.id"))
    pattern: Mapped[str | None] = mapped_column(ForeignKey("patterns.name"))
    raised_at: Mapped[datetime] = mapped_column(default=now, index=True)
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(NAME)


class Delivery(Base):
    """An alert that a channel has sent."""

    __tablename__ = "deliveries"
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(NAME, primary_key=True)  # without its secrets
    sent_at: Mapped[datetime] = mapped_column(default=now)
