"""What `technopro export` writes: rows from the registry, read piece by piece, oldest first."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from technopro.registry.sample import corrected_by, sampled
from technopro.registry.tables import (
    AuditEntry,
    Batch,
    BatchImage,
    DefectRate,
    Image,
    ModelVersion,
    Prediction,
    Run,
    Verdict,
)

PIECE = 10_000  # rows read at a time
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
Kind = Literal["text", "number", "count", "truth", "time"]
Values = tuple[Any, ...]  # one a column


@dataclass(frozen=True)
class Between:
    """From when to when, both included; UTC."""

    since: datetime = FIRST
    until: datetime = LAST


@dataclass(frozen=True)
class Source:
    """A table for export: its columns, and where the rows come from."""

    columns: Mapping[str, Kind]
    rows: Callable[[Session, Between], Iterator[Values]]


def _predictions(session: Session, between: Between) -> Iterator[Values]:
    """One row a path and run; a run at a time, along the indices, so that nothing is sorted."""
    versions = _versions(session)
    for run in _runs(session, between):
        cuts = {rate.pattern: rate for rate in _rates_of(session, run.id)}
        wanted = (
            select(BatchImage.path, Image.captured_at, *Prediction.__table__.columns)
            .join(Prediction, Prediction.sha256 == BatchImage.sha256)
            .join(Image, Image.sha256 == BatchImage.sha256)
            .where(BatchImage.batch_id == run.batch_id, Prediction.run_id == run.id)
            .order_by(BatchImage.path)
        )
        for p in _pieces(session, wanted):
            cut = cuts[p.pattern]
            yield (
                run.id, _judged(run), run.batch_id, run.source, run.line, p.path, p.sha256,
                p.captured_at, p.pattern, versions[p.model_id], p.score, p.decision, cut.threshold,
                cut.review_threshold, p.fault, p.like, p.distance,
            )  # fmt: skip


def _rates(session: Session, between: Between) -> Iterator[Values]:
    """One row a pattern and run, with the rate that the random sample of that run gives."""
    versions = _versions(session)
    for run in _runs(session, between):
        found = sampled(session, [run.id])
        for r in _rates_of(session, run.id):
            told = corrected_by(s for s in found if s.pattern == r.pattern)
            yield (
                run.id, run.state, _judged(run), run.batch_id, run.source, run.line, r.pattern,
                versions[r.model_id], r.images, r.flagged, r.separable,
                r.share if r.separable else None, r.share_low, r.share_high, r.threshold,
                r.review_threshold, r.quality, r.quality_low, r.quality_high,
                *((told.estimate, told.low, told.high, told.parts, told.looked) if told else
                  (None,) * 5),
            )  # fmt: skip


def _verdicts(session: Session, between: Between) -> Iterator[Values]:
    """Everything that was ever said; `current` marks what nothing later has replaced."""
    newest = select(func.max(Verdict.id)).group_by(Verdict.run_id, Verdict.sha256, Verdict.actor)
    current = set(session.scalars(newest))
    same = (Prediction.run_id == Verdict.run_id) & (Prediction.sha256 == Verdict.sha256)
    wanted = (
        select(Verdict, Prediction)
        .join(Prediction, same)
        .where(Verdict.at.between(between.since, between.until))
        .order_by(Verdict.at, Verdict.id)
    )
    for v, p in _pieces(session, wanted):
        stands = v.id in current and v.label != "withdrawn"
        yield (
            v.at, v.actor, v.label, v.lane, v.reason, stands, v.run_id, v.sha256, p.pattern,
            p.score, p.decision,
        )  # fmt: skip


def _audit(session: Session, between: Between) -> Iterator[Values]:
    wanted = (
        select(AuditEntry)
        .where(AuditEntry.at.between(between.since, between.until))
        .order_by(AuditEntry.at, AuditEntry.id)
    )
    for (row,) in _pieces(session, wanted):
        details = json.dumps(row.details, ensure_ascii=False, sort_keys=True)
        yield row.at, row.actor, row.action, row.subject, details


def _runs(session: Session, between: Between) -> list[Row[Any]]:
    """Return the runs that judged between, with their batch, oldest first."""
    rows = session.execute(
        select(Run.id, Run.state, Run.started_at, Run.finished_at, Batch.id.label("batch_id"),
               Batch.source, Batch.line)
        .join(DefectRate, DefectRate.run_id == Run.id)
        .join(Batch, Batch.id == DefectRate.batch_id)
        .distinct()
        .order_by(Run.started_at, Run.id)
    )  # fmt: skip
    return [run for run in rows if between.since <= _judged(run) <= between.until]


def _versions(session: Session) -> dict[int, str]:
    rows = session.execute(select(ModelVersion.id, ModelVersion.version))
    return {model_id: version for model_id, version in rows}


def _judged(run: Row[Any]) -> datetime:
    return run.finished_at or run.started_at  # type: ignore[no-any-return]


def _rates_of(session: Session, run_id: str) -> list[DefectRate]:
    wanted = select(DefectRate).where(DefectRate.run_id == run_id).order_by(DefectRate.pattern)
    return list(session.scalars(wanted))


def _pieces(session: Session, wanted: Select[Any]) -> Iterator[Row[Any]]:
    """Yield rows that are read piece by piece, on PostgreSQL through a cursor of the server."""
    yield from session.execute(wanted, execution_options={"yield_per": PIECE})


SOURCES: Mapping[str, Source] = {
    "predictions": Source(
        {
            "run_id": "text", "judged_at": "time", "batch_id": "count", "source": "text",
            "line": "text", "image": "text", "sha256": "text", "captured_at": "time",
            "pattern": "text", "model_version": "text", "score": "number", "decision": "text",
            "threshold": "number", "review_threshold": "number", "fault": "text", "like": "text",
            "distance": "number",
        },
        _predictions,
    ),
    "rates": Source(
        {
            "run_id": "text", "state": "text", "judged_at": "time", "batch_id": "count",
            "source": "text", "line": "text", "pattern": "text", "model_version": "text",
            "images": "count", "flagged": "count", "separable": "truth", "share": "number",
            "share_low": "number", "share_high": "number", "threshold": "number",
            "review_threshold": "number", "quality": "number", "quality_low": "number",
            "quality_high": "number", "corrected": "number", "corrected_low": "number",
            "corrected_high": "number", "corrected_parts": "count", "looked_at": "count",
        },
        _rates,
    ),
    "verdicts": Source(
        {
            "at": "time", "actor": "text", "label": "text", "lane": "text", "reason": "text",
            "current": "truth", "run_id": "text", "sha256": "text", "pattern": "text",
            "score": "number", "decision": "text",
        },
        _verdicts,
    ),
    "audit": Source(
        {"at": "time", "actor": "text", "action": "text", "subject": "text", "details": "text"},
        _audit,
    ),
}  # fmt: skip
