"""Which run speaks for a batch that was scored more than once."""

from __future__ import annotations

from sqlalchemy import Subquery, func, select

from technopro.registry.tables import DefectRate, Run


def newest_scorings() -> Subquery:
    """Return `batch_id`, `run_id` and `started_at` of the last completed scoring of every batch."""
    place = func.row_number().over(
        partition_by=DefectRate.batch_id, order_by=(Run.started_at.desc(), Run.id.desc())
    )
    scored = (
        select(DefectRate.batch_id, DefectRate.run_id, Run.started_at, place.label("place"))
        .join(Run, Run.id == DefectRate.run_id)
        .where(Run.state == "completed")
        .group_by(DefectRate.batch_id, DefectRate.run_id, Run.started_at, Run.id)
        .subquery()
    )
    return select(scored).where(scored.c.place == 1).subquery()
