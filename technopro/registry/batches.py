"""Batches and their images; recording the same batch twice changes nothing."""

from __future__ import annotations

import hashlib

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from technopro import results
from technopro.errors import RegistryError
from technopro.registry.insert import insert_new
from technopro.registry.tables import Batch, BatchImage, Image, Quarantine


def record_batch(session: Session, run_id: str, batch: results.Batch) -> tuple[int, bool]:
    """Record a batch with its images and quarantine; returns its id and whether it is new.

    Of several that bring the same batch at once, one records it; the others wait for that one and
    find it known.
    """
    digest = _digest(batch)
    found = select(Batch).where(Batch.source == batch.source, Batch.digest == digest)
    known = session.scalar(found)
    if known is not None:
        _stamp(session, known.id, batch)
        return known.id, False
    header = {
        "run_id": run_id,
        "source": batch.source,
        "line": batch.line,
        "digest": digest,
        "images": len(batch.images),
        "quarantined": len(batch.quarantined),
    }
    insert_new(session, Batch, [header])
    recorded = session.scalars(found).one()
    if recorded.run_id != run_id:
        return recorded.id, False
    _record_images(session, recorded.id, batch)
    return recorded.id, True


def _record_images(session: Session, batch_id: int, batch: results.Batch) -> None:
    """Insert in the order of the keys, so that two writers never wait for each other in a ring."""
    distinct = {image.sha256: image for image in batch.images}
    images = [
        {
            "sha256": sha256,
            "key": image.key,
            "size_bytes": image.size_bytes,
            "width": image.width,
            "height": image.height,
            "format": image.format,
            "captured_at": image.captured,
        }
        for sha256, image in sorted(distinct.items())
    ]
    paths = [
        {
            "batch_id": batch_id,
            "path": image.path,
            "sha256": image.sha256,
            "modified_at": image.modified,
            "stamp": image.stamp,
        }
        for image in sorted(batch.images, key=lambda i: i.path)
    ]
    insert_new(session, Image, images)
    insert_new(session, BatchImage, paths)
    reasons = [
        {"batch_id": batch_id, "path": q.path, "reason": q.reason, "stamp": q.stamp}
        for q in batch.quarantined
    ]
    insert_new(session, Quarantine, reasons)


def _stamp(session: Session, batch_id: int, batch: results.Batch) -> None:
    """Note how the files of a known batch look in its source now."""
    for table, files in ((BatchImage, batch.images), (Quarantine, batch.quarantined)):
        rows = [{"batch_id": batch_id, "path": f.path, "stamp": f.stamp} for f in files]
        if rows:
            session.execute(update(table), rows)


def _digest(batch: results.Batch) -> str:
    lines = [f"{i.sha256} {i.path}" for i in batch.images]
    lines += [f"quarantined {q.path}" for q in batch.quarantined]
    return hashlib.sha256("\n".join(sorted(lines)).encode("utf-8", "surrogatepass")).hexdigest()


def batch_records(session: Session, batch_id: int) -> tuple[results.ImageRecord, ...]:
    """Return the images of a batch by path; raises RegistryError for an unknown batch."""
    if session.get(Batch, batch_id) is None:
        raise RegistryError(f"expected a batch {batch_id}, found none; run ingest first")
    rows = session.execute(
        select(BatchImage, Image)
        .join(Image, Image.sha256 == BatchImage.sha256)
        .where(BatchImage.batch_id == batch_id)
        .order_by(BatchImage.path)
    )
    return tuple(
        results.ImageRecord(
            link.path,
            image.sha256,
            image.key,
            image.size_bytes,
            image.width,
            image.height,
            image.format,
            link.modified_at,
            image.captured_at,
        )
        for link, image in rows
    )


def quarantined(session: Session, batch_id: int) -> tuple[results.Quarantined, ...]:
    """Return the files of a batch that could not be used, by path."""
    rows = session.scalars(
        select(Quarantine).where(Quarantine.batch_id == batch_id).order_by(Quarantine.path)
    )
    return tuple(results.Quarantined(row.path, row.reason) for row in rows)


def latest_batch(session: Session) -> int | None:
    """Return the id of the newest batch."""
    return session.scalar(select(Batch.id).order_by(Batch.id.desc()).limit(1))
