"""The tables. Every constraint has a name, every time is UTC, every share and score is 0 to 1."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    MetaData,
    String,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from technopro.results import Fault

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
DIGEST = String(64)  # SHA-256, hexadecimal
NAME = String(100)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware in, UTC out, on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError(f"expected a time with its zone, found {value!r}")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _now() -> datetime:
    return datetime.now(UTC)


def _is_share(*columns: str) -> list[CheckConstraint]:
    return [CheckConstraint(f"{c} >= 0 AND {c} <= 1", name=f"{c}_share") for c in columns]


def _one_of(column: str, *values: str) -> CheckConstraint:
    listed = ", ".join(f"'{v}'" for v in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=CONVENTION)
    type_annotation_map = {dict[str, Any]: JSON, list[float]: JSON, datetime: UtcDateTime}  # noqa: RUF012


class Run(Base):
    """One execution of a stage."""

    __tablename__ = "runs"
    __table_args__ = (
        _one_of("kind", "ingest", "retrain", "score"),
        _one_of("state", "running", "completed", "failed"),
    )
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    parameters: Mapped[dict[str, Any]]
    code_version: Mapped[str] = mapped_column(String(50))
    seed: Mapped[int | None]
    device: Mapped[str | None] = mapped_column(String(20))
    prefect_run_id: Mapped[str | None] = mapped_column(String(36))
    started_at: Mapped[datetime] = mapped_column(default=_now, index=True)
    finished_at: Mapped[datetime | None]
    message: Mapped[str | None]
    figures: Mapped[dict[str, Any] | None]


class Image(Base):
    """A picture, whatever it was called; its bytes lie in the object store."""

    __tablename__ = "images"
    sha256: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    key: Mapped[str] = mapped_column(String(1024))
    size_bytes: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    format: Mapped[str] = mapped_column(String(20))
    first_seen_at: Mapped[datetime] = mapped_column(default=_now)


class Batch(Base):
    """What one ingest brought; the same source with the same content is the same batch."""

    __tablename__ = "batches"
    __table_args__ = (UniqueConstraint("source", "digest"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"))
    source: Mapped[str] = mapped_column(String(1024))
    digest: Mapped[str] = mapped_column(DIGEST)
    images: Mapped[int]
    quarantined: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=_now, index=True)


class BatchImage(Base):
    """Under which path a batch brought an image."""

    __tablename__ = "batch_images"
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    path: Mapped[str] = mapped_column(String(1024), primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("images.sha256"), index=True)
    modified_at: Mapped[datetime | None]


class Quarantine(Base):
    """A file that could not be used, and why."""

    __tablename__ = "quarantine"
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    path: Mapped[str] = mapped_column(String(1024), primary_key=True)
    reason: Mapped[str]


class Pattern(Base):
    """A product texture."""

    __tablename__ = "patterns"
    name: Mapped[str] = mapped_column(NAME, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    centroid: Mapped[list[float]]
    created_at: Mapped[datetime] = mapped_column(default=_now)


class ModelVersion(Base):
    """A model of one pattern; its weights lie in the object store."""

    __tablename__ = "model_versions"
    __table_args__ = (
        UniqueConstraint("version", "pattern"),
        _one_of("status", "candidate", "champion", "retired"),
        Index(
            "uq_model_versions_champion",
            "pattern",
            unique=True,
            sqlite_where=text("status = 'champion'"),
            postgresql_where=text("status = 'champion'"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(NAME)
    pattern: Mapped[str] = mapped_column(ForeignKey("patterns.name"))
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"), index=True)
    status: Mapped[str] = mapped_column(String(20))
    weights_key: Mapped[str] = mapped_column(String(1024))
    weights_sha256: Mapped[str] = mapped_column(DIGEST)
    recipe: Mapped[dict[str, Any]]
    metrics: Mapped[dict[str, Any]]
    backbone_name: Mapped[str] = mapped_column(NAME)
    backbone_source: Mapped[str] = mapped_column(String(1024))
    backbone_sha256: Mapped[str] = mapped_column(DIGEST)
    created_at: Mapped[datetime] = mapped_column(default=_now)


class Prediction(Base):
    """What a run made of an image."""

    __tablename__ = "predictions"
    __table_args__ = (
        *_is_share("score"),
        _one_of("decision", "ok", "review", "defect"),
        _one_of("fault", *Fault),
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
        _is_share(
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
