"""What retrains made: of one pattern, and for one batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopro.registry.tables import ModelVersion, Run


@dataclass(frozen=True)
class Made:
    """A model version with the facts of its recipe that people ask for; None where unknown."""

    id: int
    version: str
    status: str
    created_at: datetime
    run_id: str
    parent_id: int | None  # the champion when it was made
    backbone_name: str
    backbone_sha256: str
    metrics: Mapping[str, Any]
    profile: str | None
    seed: int | None
    images: int | None  # that it learned from
    reason: str | None  # why it was learned, see `technopro.due.Reason`


def made(session: Session, pattern: str, limit: int = 200) -> list[Made]:
    """Return the versions of a pattern, newest first; a recipe's tables are left where they are."""
    m = ModelVersion
    rows = session.execute(
        select(
            m.id, m.version, m.status, m.created_at, m.run_id, m.parent_id, m.backbone_name,
            m.backbone_sha256, m.metrics, m.recipe["profile"].as_string(),
            m.recipe["seed"].as_integer(), m.recipe["images"].as_integer(),
            m.recipe["reason"].as_string(),
        )
        .where(m.pattern == pattern)
        .order_by(m.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [Made(*row) for row in rows]


def retrains_of(session: Session, batch_id: int, until: datetime) -> list[str]:
    """Return the retrains of a batch that began by `until`, oldest first."""
    own = (Run.kind == "retrain") & (Run.parameters["batch"].as_integer() == batch_id)
    wanted = select(Run.id).where(own, Run.started_at <= until).order_by(Run.started_at, Run.id)
    return list(session.scalars(wanted))
