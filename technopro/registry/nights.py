"""Nights: predictions, defect rates and heat maps of one scoring run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from technopro import results
from technopro.registry.insert import insert_new
from technopro.registry.tables import (
    Batch,
    BatchImage,
    DefectRate,
    ModelVersion,
    Prediction,
    Run,
)

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class NightRow:
    """A scoring run with the batch it scored."""

    run_id: str
    batch_id: int
    source: str
    state: str
    started_at: datetime
    finished_at: datetime | None
    images: int
    quarantined: int


def record_night(
    session: Session,
    run_id: str,
    batch_id: int,
    predictions: Sequence[results.Prediction],
    patterns: Sequence[results.PatternNight],
    model_ids: Mapping[str, int],
    heat_keys: Mapping[str, str],
) -> None:
    """Record what a run found; `model_ids` by pattern, `heat_keys` by SHA-256."""
    rows = [
        {
            "run_id": run_id,
            "sha256": p.sha256,
            "pattern": p.pattern,
            "model_id": model_ids[p.pattern],
            "distance": p.distance,
            "score": p.score,
            "decision": p.decision.value,
            "heat_key": heat_keys.get(p.sha256),
            "fault": None if p.fault is None else p.fault.value,
            "like": p.like,
        }
        for p in sorted(predictions, key=lambda p: p.sha256)
    ]
    insert_new(session, Prediction, rows)
    rates = [_rate(run_id, batch_id, n, model_ids[n.pattern]) for n in patterns]
    insert_new(session, DefectRate, rates)


def _rate(run_id: str, batch_id: int, n: results.PatternNight, model_id: int) -> dict[str, object]:
    return {
        "run_id": run_id,
        "pattern": n.pattern,
        "batch_id": batch_id,
        "model_id": model_id,
        "images": n.images,
        "flagged": n.flagged,
        "separable": n.separable,
        "share": n.defect_share.estimate,
        "share_low": n.defect_share.low,
        "share_high": n.defect_share.high,
        "threshold": n.threshold,
        "review_threshold": n.review_threshold,
        "quality": n.quality.estimate,
        "quality_low": n.quality.low,
        "quality_high": n.quality.high,
    }


def nights(
    session: Session, limit: int = 30, until: datetime | None = None, run_id: str | None = None
) -> list[NightRow]:
    """Return the runs that recorded defect rates, of those begun by `until`, newest first.

    With `run_id`, only that run, if it is one of them.
    """
    batch_of = (
        select(DefectRate.run_id, func.max(DefectRate.batch_id).label("batch_id"))
        .group_by(DefectRate.run_id)
        .subquery()
    )
    rows = session.execute(
        select(Run, Batch)
        .join(batch_of, batch_of.c.run_id == Run.id)
        .join(Batch, Batch.id == batch_of.c.batch_id)
        .where(Run.started_at <= until if until else true())
        .where(Run.id == run_id if run_id else true())
        .order_by(Run.started_at.desc(), Run.id)
        .limit(limit)
    )
    return [
        NightRow(
            run.id,
            batch.id,
            batch.source,
            run.state,
            run.started_at,
            run.finished_at,
            batch.images,
            batch.quarantined,
        )
        for run, batch in rows
    ]


def runs_behind(session: Session, run_id: str, batch_id: int) -> list[str]:
    """Return the runs that made a night: its ingest, the retrains of its models, itself."""
    ingest = select(Batch.run_id).where(Batch.id == batch_id)
    trained = (
        select(ModelVersion.run_id)
        .join(DefectRate, DefectRate.model_id == ModelVersion.id)
        .where(DefectRate.run_id == run_id)
        .distinct()
    )
    return [*session.scalars(ingest), *sorted(session.scalars(trained)), run_id]


def night(session: Session, run_id: str) -> list[results.PatternNight]:
    """Return what a run found, the pattern with the largest defect share first."""
    rows = session.execute(
        select(DefectRate, ModelVersion.version)
        .join(ModelVersion, ModelVersion.id == DefectRate.model_id)
        .where(DefectRate.run_id == run_id)
        .order_by(DefectRate.share.desc(), DefectRate.pattern)
    )
    return [
        results.PatternNight(
            rate.pattern,
            rate.images,
            rate.separable,
            results.Estimate(rate.share, rate.share_low, rate.share_high),
            rate.threshold,
            rate.review_threshold,
            rate.flagged,
            results.Estimate(rate.quality, rate.quality_low, rate.quality_high),
            version,
        )
        for rate, version in rows
    ]


def scores(session: Session, run_id: str) -> pd.DataFrame:
    """Return a row a path: path, sha256, pattern, score, decision, model_version, fault, like."""
    import pandas as pd

    batch_id = select(DefectRate.batch_id).where(DefectRate.run_id == run_id).limit(1)
    rows = session.execute(
        select(
            BatchImage.path,
            Prediction.sha256,
            Prediction.pattern,
            Prediction.score,
            Prediction.decision,
            ModelVersion.version,
            Prediction.fault,
            Prediction.like,
        )
        .join(BatchImage, BatchImage.sha256 == Prediction.sha256)
        .join(ModelVersion, ModelVersion.id == Prediction.model_id)
        .where(Prediction.run_id == run_id, BatchImage.batch_id == batch_id.scalar_subquery())
        .order_by(BatchImage.path)
    )
    columns = ["path", "sha256", "pattern", "score", "decision", "model_version", "fault", "like"]
    return pd.DataFrame([tuple(row) for row in rows], columns=columns)
