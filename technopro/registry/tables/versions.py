"""Patterns, their model versions, and which of them judged when at which threshold."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from technopro.registry.tables.base import DIGEST, NAME, Base, is_share, now, one_of, one_open


class Pattern(Base):
    """A product texture. Its name never changes; QA may give it a title."""

    __tablename__ = "patterns"
    __table_args__ = (one_of("status", "new", "active", "merged", "split", "retired"),)
    name: Mapped[str] = mapped_column(NAME, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    centroid: Mapped[list[float]]
    centre_backbone: Mapped[str | None] = mapped_column(DIGEST)  # that sees the centroid there
    status: Mapped[str] = mapped_column(String(20), default="new", server_default="active")
    title: Mapped[str | None] = mapped_column(NAME)
    parent: Mapped[str | None] = mapped_column(ForeignKey("patterns.name"))  # merged into, split of
    created_at: Mapped[datetime] = mapped_column(default=now)


class Snapshot(Base):
    """The images that a model learned from. Its id is the SHA-256 of their sorted SHA-256s."""

    __tablename__ = "snapshots"
    id: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    images: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=now)


class SnapshotImage(Base):
    """One image of a snapshot."""

    __tablename__ = "snapshot_images"
    snapshot_id: Mapped[str] = mapped_column(ForeignKey("snapshots.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("images.sha256"), primary_key=True)


class ModelVersion(Base):
    """A model of one pattern; its weights lie in the object store."""

    __tablename__ = "model_versions"
    __table_args__ = (
        UniqueConstraint("version", "pattern"),
        one_of("status", "candidate", "challenger", "champion", "retired"),
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
    snapshot_id: Mapped[str | None] = mapped_column(ForeignKey("snapshots.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("model_versions.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)


class PseudoLabel(Base):
    """What an image was taken for while a model learned; its weights hold every round and fold."""

    __tablename__ = "pseudo_labels"
    __table_args__ = (
        *is_share("label", "instability"),
        Index("ix_pseudo_labels_model_id_instability", "model_id", "instability"),
    )
    model_id: Mapped[int] = mapped_column(ForeignKey("model_versions.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("images.sha256"), primary_key=True)
    label: Mapped[float | None]  # of the last round; none where left out
    instability: Mapped[float]  # spread of the probability over rounds and folds


class Deployment(Base):
    """From when to when a model version judged its pattern, by whose will and why."""

    __tablename__ = "deployments"
    __table_args__ = (
        one_open("deployments", "pattern", "until IS NULL"),
        CheckConstraint("until IS NULL OR until >= since", name="in_order"),
        Index("ix_deployments_pattern_since", "pattern", "since"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    pattern: Mapped[str] = mapped_column(ForeignKey("patterns.name"))
    model_id: Mapped[int] = mapped_column(ForeignKey("model_versions.id"))
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    actor: Mapped[str] = mapped_column(NAME)
    reason: Mapped[str]


class Threshold(Base):
    """From when to when a pattern's decisions were made at which thresholds, and why."""

    __tablename__ = "thresholds"
    __table_args__ = (
        *is_share("defect", "review"),
        CheckConstraint("review <= defect", name="band"),
        CheckConstraint("until IS NULL OR until >= since", name="in_order"),
        one_open("thresholds", "pattern", "until IS NULL"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    pattern: Mapped[str] = mapped_column(ForeignKey("patterns.name"), index=True)
    defect: Mapped[float]  # score from which an image is a defect
    review: Mapped[float]  # score from which a person looks
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    actor: Mapped[str] = mapped_column(NAME)
    reason: Mapped[str]
