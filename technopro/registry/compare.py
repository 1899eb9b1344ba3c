"""Two models on the same images: batches that were scored twice, and where the scores differ."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Select, cast, func, select
from sqlalchemy.orm import Session, aliased

from technopro.registry.tables import BatchImage, DefectRate, ModelVersion, Prediction, Run
from technopro.results import Decision, is_unknown


@dataclass(frozen=True)
class Pair:
    """Two runs that scored one pattern of one batch by different models, the older first."""

    pattern: str
    batch_id: int
    at: datetime  # when the newer began
    first_run: str
    first_version: str
    first_separable: bool  # whether this run told good and bad apart
    second_run: str
    second_version: str
    second_separable: bool

    def changed(self, one: Compared) -> bool:
        """Return whether a part is called otherwise: fine is not said where nobody can know."""
        return one.first_decision is not one.second_decision or is_unknown(
            one.first_decision, self.first_separable
        ) != is_unknown(one.second_decision, self.second_separable)


@dataclass(frozen=True)
class Compared:
    """One image as both models see it; scores are 0 to 1."""

    sha256: str
    path: str
    first: float
    second: float
    first_decision: Decision
    second_decision: Decision


def pairs(session: Session, pattern: str, limit: int = 30) -> list[Pair]:
    """Return the pairs of runs by which two models of a pattern can be compared, newest first."""
    a, b, run_a, run_b = aliased(DefectRate), aliased(DefectRate), aliased(Run), aliased(Run)
    model_a, model_b = aliased(ModelVersion), aliased(ModelVersion)
    same = (a.batch_id == b.batch_id) & (a.pattern == b.pattern) & (a.model_id != b.model_id)
    rows = session.execute(
        select(
            b.batch_id,
            run_b.started_at,
            a.run_id,
            model_a.version,
            a.separable,
            b.run_id,
            model_b.version,
            b.separable,
        )
        .join_from(a, b, same)
        .join(run_a, run_a.id == a.run_id)
        .join(run_b, run_b.id == b.run_id)
        .join(model_a, model_a.id == a.model_id)
        .join(model_b, model_b.id == b.model_id)
        .where(b.pattern == pattern, run_a.started_at < run_b.started_at)
        .order_by(run_b.started_at.desc(), run_a.started_at.desc())
        .limit(limit)
    )
    return [Pair(pattern, *row) for row in rows]


def counted(session: Session, pair: Pair) -> tuple[int, int]:
    """Return how many images both runs scored, and how many of them are called otherwise."""
    a, b = aliased(Prediction), aliased(Prediction)
    differs = a.decision != b.decision
    if pair.first_separable != pair.second_separable:
        differs |= b.decision == Decision.OK
    changed = func.coalesce(func.sum(cast(differs, Integer)), 0)
    row = session.execute(_both(a, b, pair, func.count(), changed)).one()
    return int(row[0]), int(row[1])


def compared(session: Session, pair: Pair, limit: int = 2000) -> list[Compared]:
    """Return images of both runs, in the order of their SHA-256: the first are a random part."""
    return _images(session, pair, limit, differing=False)


def disagreements(session: Session, pair: Pair, limit: int = 8) -> list[Compared]:
    """Return the images whose scores differ most, the largest difference first."""
    return _images(session, pair, limit, differing=True)


def _images(session: Session, pair: Pair, limit: int, *, differing: bool) -> list[Compared]:
    a, b = aliased(Prediction), aliased(Prediction)
    path = (
        select(func.min(BatchImage.path))
        .where(BatchImage.sha256 == a.sha256, BatchImage.batch_id == pair.batch_id)
        .correlate(a)
        .scalar_subquery()
    )
    wanted = _both(a, b, pair, a.sha256, path, a.score, b.score, a.decision, b.decision)
    first = [func.abs(a.score - b.score).desc()] if differing else []
    rows = session.execute(wanted.order_by(*first, a.sha256).limit(limit))
    return [
        Compared(sha256, found, one, two, Decision(before), Decision(after))
        for sha256, found, one, two, before, after in rows
    ]


def _both(a: Any, b: Any, pair: Pair, *columns: Any) -> Select[Any]:  # noqa: ANN401
    """Select from the predictions that both runs made of sound images of the pattern."""
    return (
        select(*columns)
        .select_from(a)
        .join(b, a.sha256 == b.sha256)
        .where(
            a.run_id == pair.first_run, a.pattern == pair.pattern,
            b.run_id == pair.second_run, b.pattern == pair.pattern,
            a.fault.is_(None), b.fault.is_(None),
        )
    )  # fmt: skip
