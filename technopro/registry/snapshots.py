"""Which images a model learned from: immutable, named by their content."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopro.registry.insert import insert_new
from technopro.registry.tables import Snapshot, SnapshotImage


def record_snapshot(session: Session, hashes: Sequence[str]) -> str:
    """Record the images (SHA-256) and return the snapshot's id; a known one stays as it is."""
    distinct = sorted(set(hashes))
    digest = hashlib.sha256("\n".join(distinct).encode()).hexdigest()
    insert_new(session, Snapshot, [{"id": digest, "images": len(distinct)}])
    rows = [{"snapshot_id": digest, "sha256": sha256} for sha256 in distinct]
    insert_new(session, SnapshotImage, rows)
    return digest


def snapshot_images(session: Session, snapshot_id: str) -> list[str]:
    """Return the SHA-256s of a snapshot's images, sorted."""
    wanted = select(SnapshotImage.sha256).where(SnapshotImage.snapshot_id == snapshot_id)
    return list(session.scalars(wanted.order_by(SnapshotImage.sha256)))
