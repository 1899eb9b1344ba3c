"""The images of one night in several orders, page by page, without gap or repeat.

A page begins after an image, or ends before one (keyset paging): that image alone says where, so
that a link to a page stays right, and a late page costs no more than the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select
from sqlalchemy.orm import Session

from technopro import results
from technopro.errors import InputError
from technopro.registry.lane import path_in_night
from technopro.registry.tables import Batch, DefectRate, Image, ModelVersion, Pattern, Prediction

ORDERS = ("worst", "borderline", "random", "new")
FIRST = 1000.0  # before every distance to a pattern's centre


@dataclass(frozen=True)
class Sample:
    """One image of a night, and what was made of it."""

    sha256: str
    path: str  # in the batch that the run scored
    pattern: str
    score: float
    decision: results.Decision
    heat_key: str | None
    fault: str | None  # of the picture, see `results.Fault`
    like: str | None  # of a duplicate: SHA-256 of the image it repeats


@dataclass(frozen=True)
class Known:
    """What else the registry knows of an image of a night."""

    version: str  # of the model that judged it
    threshold: float  # score from which an image of its pattern was a defect
    review_threshold: float
    separable: bool
    line: str | None
    source: str
    captured_at: datetime | None  # as the camera wrote it
    first_seen_at: datetime
    width: int  # pixels
    height: int
    format: str
    size_bytes: int


@dataclass(frozen=True)
class Wanted:
    """Which images of a night, and in which order; raises InputError for another order.

    `worst` is by score; `borderline` is by the distance of the score from the nearest threshold;
    `random` is by SHA-256, which is chance, and the same for everybody; `new` begins with new
    patterns and pictures with a fault, and goes on with what lies farthest from its pattern's
    centre. Pictures that say nothing about their part are in the last two alone.
    """

    run_id: str
    order: str
    pattern: str | None = None
    decisions: tuple[str, ...] = ()  # all, where none is named

    def __post_init__(self) -> None:
        if self.order not in ORDERS:
            raise InputError(f"expected an order among {', '.join(ORDERS)}, found {self.order!r}")


def samples(
    session: Session,
    wanted: Wanted,
    size: int,
    *,
    after: str | None = None,
    before: str | None = None,
) -> list[Sample]:
    """Return a page of at most `size` images in their order.

    They follow the image of SHA-256 `after`, or precede that of `before`; an image that this night
    did not score gives an empty page.
    """
    p, turned = Prediction, before is not None
    query = _chosen(select(p.sha256, _key(wanted.order).label("place")), wanted)
    if before is not None or after is not None:
        query = query.where(_beyond(session, wanted, str(before or after), turned))
    down = (wanted.order in ("worst", "new")) != turned
    by_hash = p.sha256.desc() if turned else p.sha256.asc()
    page_of = query.order_by(_down(_key(wanted.order), down), by_hash).limit(size).subquery()
    rows = session.execute(  # the paths of these alone are looked up
        select(p, path_in_night())
        .join(page_of, page_of.c.sha256 == p.sha256)
        .where(p.run_id == wanted.run_id)
        .order_by(_down(page_of.c.place, down), by_hash)
    ).all()
    page = [_sample(prediction, path) for prediction, path in rows]
    return page[::-1] if turned else page


def worst(
    session: Session, run_id: str, pattern: str | None = None, limit: int = 16
) -> list[Sample]:
    """Return the images of highest score, each once, those of one pattern or of all."""
    return samples(session, Wanted(run_id, "worst", pattern), limit)


def count(session: Session, wanted: Wanted, before: str | None = None) -> int:
    """Return how many images are wanted; with `before`, how many of them precede that image."""
    query = _chosen(select(func.count()).select_from(Prediction), wanted)
    if before is not None:
        query = query.where(_beyond(session, wanted, before, True))
    return session.scalar(query) or 0


def sample(session: Session, run_id: str, start: str) -> Sample | None:
    """Return the image of a night whose SHA-256 begins so; None where none or several do."""
    if not start or set(start) - set("0123456789abcdef"):
        return None
    begins = (Prediction.sha256 >= start) & (Prediction.sha256 < f"{start}g")
    rows = session.execute(
        select(Prediction, path_in_night()).where(Prediction.run_id == run_id, begins).limit(2)
    ).all()
    return _sample(*rows[0]) if len(rows) == 1 else None


def known(session: Session, run_id: str, sha256: str) -> Known | None:
    """Return what the registry knows of an image that a run scored; None if it did not."""
    row = session.execute(
        select(ModelVersion.version, DefectRate, Batch, Image)
        .select_from(Prediction)
        .join(ModelVersion, ModelVersion.id == Prediction.model_id)
        .join(DefectRate, _of_its_night())
        .join(Batch, Batch.id == DefectRate.batch_id)
        .join(Image, Image.sha256 == Prediction.sha256)
        .where(Prediction.run_id == run_id, Prediction.sha256 == sha256)
    ).first()
    if row is None:
        return None
    version, rate, batch, image = row
    return Known(
        version, rate.threshold, rate.review_threshold, rate.separable, batch.line, batch.source,
        image.captured_at, image.first_seen_at, image.width, image.height, image.format,
        image.size_bytes,
    )  # fmt: skip


def _chosen(what: Select[Any], wanted: Wanted) -> Select[Any]:
    p = Prediction
    query = _joined(what, wanted.order).where(p.run_id == wanted.run_id)
    if wanted.pattern is not None:
        query = query.where(p.pattern == wanted.pattern)
    if wanted.decisions:
        query = query.where(p.decision.in_(wanted.decisions))
    if wanted.order in ("worst", "borderline"):
        query = query.where(p.fault.is_(None))
    return query


def _joined(query: Select[Any], order: str) -> Select[Any]:
    """Add the tables that the order's key asks."""
    if order == "borderline":
        return query.join(DefectRate, _of_its_night())
    return query.join(Pattern, Pattern.name == Prediction.pattern) if order == "new" else query


def _of_its_night() -> ColumnElement[bool]:
    same_run = DefectRate.run_id == Prediction.run_id
    return same_run & (DefectRate.pattern == Prediction.pattern)


def _key(order: str) -> ColumnElement[Any]:
    """Return what an order goes by; SHA-256 decides where it is equal."""
    p = Prediction
    if order == "worst":
        return p.score.expression
    if order == "borderline":
        to_review = func.abs(p.score - DefectRate.review_threshold)
        to_defect = func.abs(p.score - DefectRate.threshold)
        nearer = DefectRate.separable & (to_defect < to_review)
        return case((nearer, to_defect), else_=to_review)
    if order == "new":
        far = func.coalesce(p.distance, 0.0)
        special = or_(Pattern.status == "new", p.fault.is_not(None))
        return case((special, far + FIRST), else_=far)
    return p.sha256.expression


def _beyond(session: Session, wanted: Wanted, sha256: str, turned: bool) -> ColumnElement[bool]:
    """Return whether an image comes after that of `sha256`, or, `turned`, before it."""
    p, key = Prediction, _key(wanted.order)
    here = _joined(select(key).select_from(p), wanted.order)
    at = session.scalar(here.where(p.run_id == wanted.run_id, p.sha256 == sha256))
    if at is None:
        return false()
    down = (wanted.order in ("worst", "new")) != turned
    same = (key == at) & (p.sha256 < sha256 if turned else p.sha256 > sha256)
    if down:
        return and_(key <= at, (key < at) | same)  # the first alone is what an index serves
    return and_(key >= at, (key > at) | same)


def _down(key: ColumnElement[Any], down: bool) -> ColumnElement[Any]:
    return key.desc() if down else key.asc()


def _sample(p: Prediction, path: str) -> Sample:
    return Sample(
        p.sha256,
        path,
        p.pattern,
        p.score,
        results.Decision(p.decision),
        p.heat_key,
        p.fault,
        p.like,
    )
