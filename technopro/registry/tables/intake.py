"""Runs, and what they brought in: batches, images, quarantined files."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from technopro.registry.tables.base import DIGEST, NAME, Base, now, one_of


class Run(Base):
    """One execution of a stage."""

    __tablename__ = "runs"
    __table_args__ = (
        one_of("kind", "ingest", "retrain", "score", "maintain"),
        one_of("state", "running", "completed", "failed"),
    )
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    parameters: Mapped[dict[str, Any]]
    code_version: Mapped[str] = mapped_column(String(50))
    environment: Mapped[
        dict[str, Any] | None
    ]  # versions of what results depend on, and the machine
    seed: Mapped[int | None]
    device: Mapped[str | None] = mapped_column(String(20))
    prefect_run_id: Mapped[str | None] = mapped_column(String(36))
    started_at: Mapped[datetime] = mapped_column(default=now, index=True)
    alive_at: Mapped[datetime | None]  # the last sign of life
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
    captured_at: Mapped[datetime | None]  # as the camera wrote it into the file
    first_seen_at: Mapped[datetime] = mapped_column(default=now)


class Batch(Base):
    """What one ingest brought; the same source with the same content is the same batch."""

    __tablename__ = "batches"
    __table_args__ = (UniqueConstraint("source", "digest"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"))
    source: Mapped[str] = mapped_column(String(1024))
    line: Mapped[str | None] = mapped_column(NAME, index=True)  # of production
    digest: Mapped[str] = mapped_column(DIGEST)
    images: Mapped[int]
    quarantined: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)


class BatchImage(Base):
    """Under which path a batch brought an image."""

    __tablename__ = "batch_images"
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    path: Mapped[str] = mapped_column(String(1024), primary_key=True, index=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("images.sha256"), index=True)
    modified_at: Mapped[datetime | None]
    stamp: Mapped[str | None] = mapped_column(NAME)  # of the file, see `store.ObjectInfo`


class Quarantine(Base):
    """A file that could not be used, and why."""

    __tablename__ = "quarantine"
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    path: Mapped[str] = mapped_column(String(1024), primary_key=True)
    reason: Mapped[str]
    stamp: Mapped[str | None] = mapped_column(NAME)  # of the file, see `store.ObjectInfo`
