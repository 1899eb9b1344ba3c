"""What may go after a time, see docs/decisions/0015-retention.md: heat maps, refused weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session

from technopro.registry.audit import note
from technopro.registry.tables import (
    AuditEntry,
    DefectRate,
    Deployment,
    ModelVersion,
    Prediction,
    Run,
    Verdict,
)

LET_GO_HEAT, LET_GO_WEIGHTS = "let go heat maps", "let go weights"


@dataclass(frozen=True)
class Retention:
    """What is kept in any case: the newest nights, and everything of the last days."""

    nights: int
    days: int

    def before(self) -> datetime:
        """Return the moment from which on everything stays."""
        return datetime.now(UTC) - timedelta(days=self.days)


@dataclass(frozen=True)
class OldNight:
    """A scoring run whose heat maps may go."""

    run_id: str
    started_at: datetime
    heat_keys: tuple[str, ...]


@dataclass(frozen=True)
class RefusedModel:
    """A model that never judged and never will, with the key of its weights."""

    model_id: int
    pattern: str
    version: str
    key: str
    created_at: datetime


def old_nights(session: Session, keep: Retention) -> list[OldNight]:
    """Return the nights beyond the retention that have heat maps that may go, oldest first.

    A heat map that was before a person who gave a verdict stays: it is part of the evidence.
    """
    newest = select(Run.id).where(_is_night()).order_by(Run.started_at.desc()).limit(keep.nights)
    old = _is_night() & (Run.started_at < keep.before()) & Run.id.not_in(newest)
    runs = session.execute(select(Run.id, Run.started_at).where(old).order_by(Run.started_at))
    nights = [OldNight(run, at, _may_go(session, run)) for run, at in runs]
    return [night for night in nights if night.heat_keys]


def let_heat_go(session: Session, night: OldNight, actor: str) -> None:
    """Let the rows of a night forget these heat maps; the scores and decisions stay."""
    forgotten = (Prediction.run_id == night.run_id) & ~_was_judged_by_a_person()
    session.execute(update(Prediction).where(forgotten).values(heat_key=None))
    note(session, actor, LET_GO_HEAT, night.run_id, heat_maps=len(night.heat_keys))


def refused_models(session: Session, keep: Retention) -> list[RefusedModel]:
    """Return the models older than the retention that never judged and were never champion.

    Among them those that a run left behind as candidates when it died; challengers stay.
    """
    reigned = exists().where(Deployment.model_id == ModelVersion.id)
    at_work = exists().where((Run.id == ModelVersion.run_id) & (Run.state == "running"))
    newest = select(Run.id).where(Run.kind == "retrain").order_by(Run.started_at.desc())
    unused = (
        ModelVersion.status.in_(("candidate", "retired"))
        & (ModelVersion.created_at < keep.before())
        & ModelVersion.run_id.not_in(newest.limit(keep.nights))
        & ~reigned
        & ~at_work
    )
    found = {m.id: m for m in session.scalars(select(ModelVersion).where(unused))}
    judged = select(Prediction.model_id).where(Prediction.model_id.in_(found)).distinct()
    gone = set(session.scalars(judged)) | pruned_weights(session)
    others = select(ModelVersion.weights_key).where(ModelVersion.id.not_in(found.keys() - gone))
    shared = set(session.scalars(others))
    return [
        RefusedModel(m.id, m.pattern, m.version, m.weights_key, m.created_at)
        for m in found.values()
        if m.id not in gone and m.weights_key not in shared
    ]


def let_weights_go(session: Session, models: Sequence[RefusedModel], actor: str) -> None:
    """Note that the weights of these models are gone; their rows stay."""
    for m in models:
        note(session, actor, LET_GO_WEIGHTS, m.pattern, version=m.version, model_id=m.model_id,
             key=m.key)  # fmt: skip


def pruned_weights(session: Session) -> set[int]:
    """Return the ids of the models whose weights were let go."""
    entries = select(AuditEntry.details).where(AuditEntry.action == LET_GO_WEIGHTS)
    return {int(details["model_id"]) for details in session.scalars(entries)}


def _is_night() -> ColumnElement[bool]:
    return (Run.kind == "score") & exists().where(DefectRate.run_id == Run.id)


def _may_go(session: Session, run_id: str) -> tuple[str, ...]:
    own = (Prediction.run_id == run_id) & Prediction.heat_key.is_not(None)
    kept = own & ~_was_judged_by_a_person()
    return tuple(str(key) for key in session.scalars(select(Prediction.heat_key).where(kept)))


def _was_judged_by_a_person() -> ColumnElement[bool]:
    same = (Verdict.run_id == Prediction.run_id) & (Verdict.sha256 == Prediction.sha256)
    return exists().where(same)
