"""Where patterns lie among the embeddings of one backbone, and where they must be found again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from technopro.registry.tables import ModelVersion, Pattern, SnapshotImage


def lost_centres(session: Session, backbone: str, images: int) -> dict[str, list[str]]:
    """Return the patterns whose centre another backbone found, each with images that show it.

    `backbone` is the SHA-256 of the present one. The images, at most so many, are those that the
    pattern's newest model learned from; a pattern that was never learned has none.
    """
    newest = (
        select(func.max(ModelVersion.id))
        .where(ModelVersion.pattern == Pattern.name, ModelVersion.snapshot_id.is_not(None))
        .correlate(Pattern)
        .scalar_subquery()
    )
    lost = session.execute(
        select(Pattern.name, ModelVersion.snapshot_id)
        .join(ModelVersion, ModelVersion.id == newest)
        .where(Pattern.centre_backbone != backbone)
        .order_by(Pattern.name)
    ).all()
    return {
        name: list(
            session.scalars(
                select(SnapshotImage.sha256)
                .where(SnapshotImage.snapshot_id == snapshot)
                .order_by(SnapshotImage.sha256)
                .limit(images)
            )
        )
        for name, snapshot in lost
    }


def move_centre(session: Session, name: str, centre: Sequence[float], backbone: str) -> None:
    """Record where a pattern lies for another backbone, by its SHA-256."""
    pattern = session.get_one(Pattern, name)
    pattern.centroid, pattern.centre_backbone = list(centre), backbone
    session.flush()
