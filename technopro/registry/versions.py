"""Patterns and their model versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopro.errors import RegistryError
from technopro.registry.audit import note
from technopro.registry.insert import insert_new
from technopro.registry.snapshots import record_snapshot
from technopro.registry.tables import ModelVersion, Pattern, Run
from technopro.results import Backbone


@dataclass(frozen=True)
class ModelRow:
    """A stored model version."""

    id: int
    version: str
    pattern: str
    status: str
    weights_key: str
    weights_sha256: str
    recipe: Mapping[str, Any]
    backbone: Backbone
    created_at: datetime
    snapshot_id: str | None
    parent_id: int | None


def record_pattern(
    session: Session,
    name: str,
    *,
    batch_id: int,
    centroid: Sequence[float],
    backbone: str | None = None,
) -> None:
    """Record a pattern with its centre; of a known one, where its centre is now.

    `backbone` is the SHA-256 of the weights that see it there.
    """
    row = {"name": name, "batch_id": batch_id, "centroid": list(centroid), "status": "new"}
    insert_new(session, Pattern, [row])
    pattern = session.get_one(Pattern, name)
    pattern.centroid, pattern.centre_backbone = list(centroid), backbone


def record_model(
    session: Session,
    run_id: str,
    version: str,
    pattern: str,
    *,
    weights_key: str,
    weights_sha256: str,
    recipe: Mapping[str, Any],
    metrics: Mapping[str, Any],
    backbone: Backbone,
    learned_from: Sequence[str] = (),
) -> int:
    """Record a candidate and return its id.

    `learned_from` are the SHA-256s of its images; its parent is the champion of the moment.
    """
    parent = champions(session).get(pattern)
    model = ModelVersion(
        version=version,
        pattern=pattern,
        run_id=run_id,
        status="candidate",
        weights_key=weights_key,
        weights_sha256=weights_sha256,
        recipe=dict(recipe),
        metrics=dict(metrics),
        backbone_name=backbone.name,
        backbone_source=backbone.source,
        backbone_sha256=backbone.sha256,
        snapshot_id=record_snapshot(session, learned_from) if learned_from else None,
        parent_id=None if parent is None else parent.id,
    )
    session.add(model)
    session.flush()
    return model.id


def certify(session: Session, model_id: int, certificate: Mapping[str, Any], *, actor: str) -> None:
    """Keep with a model how far its export is from itself; a newer certificate takes its place."""
    model = session.get_one(ModelVersion, model_id)
    model.metrics = {**model.metrics, "export": dict(certificate)}
    kept = {name: certificate[name] for name in ("precision", "images", "largest")}
    note(session, actor, "export", model.pattern, version=model.version, **kept)


def champions(session: Session) -> dict[str, ModelRow]:
    """Return the champion of every pattern."""
    return _rows(session, ModelVersion.status == "champion")


def models_of_run(session: Session, run_id: str) -> dict[str, ModelRow]:
    """Return the models that one retrain run made, by pattern."""
    return _rows(session, ModelVersion.run_id == run_id)


def left_behind(session: Session, pattern: str, lesson: str) -> ModelRow | None:
    """Return the newest model of a pattern that a run made of a lesson and never completed."""
    wanted = (
        select(ModelVersion)
        .join(Run, Run.id == ModelVersion.run_id)
        .where(ModelVersion.pattern == pattern, Run.state != "completed")
        .order_by(ModelVersion.id.desc())
    )
    rows = (row for row in session.scalars(wanted) if row.recipe.get("lesson") == lesson)
    return next((_model_row(row) for row in rows), None)


def model_of(session: Session, pattern: str, version: str) -> ModelRow:
    """Return one model version; raises RegistryError where there is none."""
    same = (ModelVersion.pattern == pattern) & (ModelVersion.version == version)
    row = session.scalar(select(ModelVersion).where(same))
    if row is None:
        raise RegistryError(f"expected model {version} of pattern {pattern}, found none")
    return _model_row(row)


def _rows(session: Session, condition: Any) -> dict[str, ModelRow]:  # noqa: ANN401
    rows = session.scalars(select(ModelVersion).where(condition).order_by(ModelVersion.pattern))
    return {row.pattern: _model_row(row) for row in rows}


def _model_row(row: ModelVersion) -> ModelRow:
    return ModelRow(
        row.id,
        row.version,
        row.pattern,
        row.status,
        row.weights_key,
        row.weights_sha256,
        row.recipe,
        Backbone(row.backbone_name, row.backbone_source, row.backbone_sha256),
        row.created_at,
        row.snapshot_id,
        row.parent_id,
    )


def model_by_id(session: Session, model_id: int) -> ModelRow:
    """Return one model version; raises RegistryError where there is none."""
    row = session.get(ModelVersion, model_id)
    if row is None:
        raise RegistryError(f"expected a model {model_id}, found none in this database")
    return _model_row(row)


def model_versions(session: Session, pattern: str | None = None) -> list[ModelRow]:
    """Return the versions of one pattern or of all, newest first."""
    wanted = select(ModelVersion).order_by(ModelVersion.id.desc())
    if pattern is not None:
        wanted = wanted.where(ModelVersion.pattern == pattern)
    return [_model_row(row) for row in session.scalars(wanted)]
