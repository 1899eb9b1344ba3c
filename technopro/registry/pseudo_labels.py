"""What images were taken for while a model learned; its weights hold every round and fold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopro.registry.insert import insert_new
from technopro.registry.tables import PseudoLabel


@dataclass(frozen=True)
class PseudoLabelRow:
    """One image in the last round of one model."""

    sha256: str
    label: float | None  # 0 to 1; none where it was left out
    instability: float  # 0 to 0.5, see `pseudolabel.flight`


def record_pseudo_labels(session: Session, model_id: int, rows: Sequence[PseudoLabelRow]) -> None:
    """Record what a model was taught of its images."""
    insert_new(
        session,
        PseudoLabel,
        [
            {
                "model_id": model_id,
                "sha256": row.sha256,
                "label": row.label,
                "instability": row.instability,
            }
            for row in sorted(rows, key=lambda row: row.sha256)
        ],
    )


def most_unstable(session: Session, model_id: int, limit: int = 48) -> list[PseudoLabelRow]:
    """Return the images that a model was least sure of over rounds and folds, worst first."""
    rows = session.scalars(
        select(PseudoLabel)
        .where(PseudoLabel.model_id == model_id)
        .order_by(PseudoLabel.instability.desc(), PseudoLabel.sha256)
        .limit(limit)
    )
    return [PseudoLabelRow(row.sha256, row.label, row.instability) for row in rows]
