"""Which model versions judge now, of all patterns at once."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopro.registry.deployments import DeploymentRow
from technopro.registry.tables import Deployment, ModelVersion


def present_reigns(session: Session) -> dict[str, DeploymentRow]:
    """Return the lasting reign over every pattern that has one, by pattern."""
    rows = session.execute(
        select(Deployment, ModelVersion.version)
        .join(ModelVersion, ModelVersion.id == Deployment.model_id)
        .where(Deployment.until.is_(None))
        .order_by(Deployment.pattern)
    )
    return {
        d.pattern: DeploymentRow(
            d.pattern, d.model_id, version, d.since, d.until, d.actor, d.reason
        )
        for d, version in rows
    }
