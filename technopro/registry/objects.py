"""Which objects of the store the rows speak of, in pieces that fit into memory.

Images are looked up by the first two digits of their SHA-256, heat maps by those of their run's id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from technopro.registry.tables import DefectRate, Deployment, Image, ModelVersion, Prediction, Run

PIECES = tuple(f"{number:02x}" for number in range(256))


@dataclass(frozen=True)
class StoredImage:
    """An image row, as far as the store is concerned."""

    sha256: str
    key: str
    size_bytes: int


@dataclass(frozen=True)
class StoredWeights:
    """A model row, as far as the store is concerned."""

    model_id: int
    pattern: str
    version: str
    key: str
    status: str
    needed: bool  # it was ever champion, or judged an image


@dataclass(frozen=True)
class Work:
    """From when to when a run was at work."""

    run_id: str
    state: str
    since: datetime
    until: datetime


def stored_images(session: Session, piece: str) -> list[StoredImage]:
    """Return the images whose SHA-256 begins with a piece."""
    rows = session.execute(
        select(Image.sha256, Image.key, Image.size_bytes).where(_begins(Image.sha256, piece))
    )
    return [StoredImage(*row) for row in rows]


def heat_keys(session: Session, piece: str) -> list[str]:
    """Return the keys of the heat maps of the runs whose id begins with a piece."""
    mapped = _begins(Prediction.run_id, piece) & Prediction.heat_key.is_not(None)
    return [str(key) for key in session.scalars(select(Prediction.heat_key).where(mapped))]


def sample_keys(session: Session) -> list[str]:
    """Return the keys of the samples that scored nights kept for the nights to come."""
    figures = session.scalars(select(Run.figures).where(Run.kind == "score"))
    return [str(own["sample"]) for own in figures if own and "sample" in own]


def stored_weights(session: Session) -> list[StoredWeights]:
    """Return every model with the key of its weights."""
    judged = set(session.scalars(select(DefectRate.model_id).distinct()))
    reigned = set(session.scalars(select(Deployment.model_id).distinct()))
    return [
        StoredWeights(m.id, m.pattern, m.version, m.weights_key, m.status,
                      m.status == "champion" or m.id in judged | reigned)
        for m in session.scalars(select(ModelVersion).order_by(ModelVersion.id))
    ]  # fmt: skip


def work(session: Session, kind: str) -> list[Work]:
    """Return when the runs of a kind were at work, oldest first."""
    until = func.coalesce(Run.finished_at, Run.alive_at, Run.started_at)
    wanted = select(Run.id, Run.state, Run.started_at, until.label("until"))
    rows = session.execute(wanted.where(Run.kind == kind).order_by(Run.started_at))
    return [Work(*row) for row in rows]


def is_taking_in(session: Session) -> bool:
    """Return whether an ingest is going on."""
    going_on = (Run.kind == "ingest") & (Run.state == "running")
    return session.scalar(select(Run.id).where(going_on).limit(1)) is not None


def known_images(session: Session, hashes: Sequence[str]) -> set[str]:
    """Return those of a few SHA-256s that have a row."""
    return set(session.scalars(select(Image.sha256).where(Image.sha256.in_(hashes))))


def _begins(column: InstrumentedAttribute[Any], piece: str) -> ColumnElement[bool]:
    """Compare as a range, which an index serves in every collation; LIKE it does not."""
    after = PIECES.index(piece) + 1
    return (column >= piece) & (column < PIECES[after] if after < len(PIECES) else column >= piece)
