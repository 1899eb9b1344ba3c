"""Which model version judges a pattern, since when, by whose will and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from technopro.errors import RegistryError
from technopro.registry.audit import note
from technopro.registry.tables import Deployment, ModelVersion, Pattern
from technopro.registry.versions import ModelRow, model_by_id


@dataclass(frozen=True)
class DeploymentRow:
    """One reign of one model version; `until` is None while it lasts."""

    pattern: str
    model_id: int
    version: str
    since: datetime
    until: datetime | None
    actor: str
    reason: str


def promote(
    session: Session,
    model_id: int,
    *,
    actor: str,
    reason: str,
    deed: str = "promote",
    checks: Sequence[Mapping[str, Any]] = (),
) -> bool:
    """Make a model the champion of its pattern and retire the one before.

    `deed` is what the audit log calls it; `checks` are what the gate recorded. Returns whether
    anything changed; raises RegistryError for an unknown model.
    """
    model = session.get(ModelVersion, model_id)
    if model is None:
        raise RegistryError(f"expected a model {model_id}, found none in this database")
    if model.status == "champion":
        return False
    moment = datetime.now(UTC)
    before = end_reign(session, model.pattern, moment)
    model.status = "champion"
    reign = {"pattern": model.pattern, "model_id": model.id, "since": moment}
    session.add(Deployment(**reign, actor=actor, reason=reason))
    gate = {"checks": list(checks)} if checks else {}
    note(session, actor, deed, model.pattern, version=model.version, before=before,
         reason=reason, **gate)  # fmt: skip
    session.flush()
    return True


def refuse(
    session: Session,
    model_id: int,
    *,
    actor: str,
    reason: str,
    checks: Sequence[Mapping[str, Any]],
) -> None:
    """Retire a model that did not pass the gate, with what it recorded; the champion stays."""
    model = session.get_one(ModelVersion, model_id)
    model.status = "retired"
    note(session, actor, "refuse", model.pattern, version=model.version, reason=reason,
         checks=list(checks))  # fmt: skip
    session.flush()


def roll_back(session: Session, pattern: str, *, actor: str, reason: str) -> DeploymentRow:
    """Make the champion before the present one champion again and return its new reign.

    The one that goes is retired; rolling back twice goes two champions back, not to and fro.
    Raises RegistryError where there is none to go back to.
    """
    if session.get(Pattern, pattern) is None:
        raise RegistryError(
            f"expected a pattern {pattern}, found none; `technopro pattern list` shows all"
        )
    before = earlier_champion(session, pattern)
    if before is None:
        raise RegistryError(
            f"expected an earlier champion of pattern {pattern} to go back to, found none; "
            "retrain the pattern instead"
        )
    promote(session, before.id, actor=actor, reason=reason, deed="roll back")
    return deployments(session, pattern)[0]


def earlier_champion(session: Session, pattern: str) -> ModelRow | None:
    """Return the model that a rollback would go back to.

    It is the last champion that is older than the present one, so that what was rolled back from
    does not return.
    """
    reigns = deployments(session, pattern)
    present = next((r for r in reigns if r.until is None), None)
    earlier = [r for r in reigns if present is not None and r.model_id < present.model_id]
    return model_by_id(session, earlier[0].model_id) if earlier else None


def deployments(session: Session, pattern: str) -> list[DeploymentRow]:
    """Return every reign over a pattern, newest first."""
    rows = session.execute(
        select(Deployment, ModelVersion.version)
        .join(ModelVersion, ModelVersion.id == Deployment.model_id)
        .where(Deployment.pattern == pattern)
        .order_by(Deployment.since.desc(), Deployment.id.desc())
    )
    return [_row(deployment, version) for deployment, version in rows]


def champion_at(session: Session, pattern: str, moment: datetime) -> DeploymentRow | None:
    """Return the reign over a pattern at a moment."""
    row = session.execute(
        select(Deployment, ModelVersion.version)
        .join(ModelVersion, ModelVersion.id == Deployment.model_id)
        .where(
            Deployment.pattern == pattern,
            Deployment.since <= moment,
            Deployment.until.is_(None) | (Deployment.until > moment),
        )
    ).first()
    return None if row is None else _row(*row)


def end_reign(session: Session, pattern: str, moment: datetime) -> str | None:
    """Retire the champion, if any, and return its version."""
    champion = (ModelVersion.pattern == pattern) & (ModelVersion.status == "champion")
    version = session.scalar(select(ModelVersion.version).where(champion))
    session.execute(update(ModelVersion).where(champion).values(status="retired"))
    lasting = (Deployment.pattern == pattern) & Deployment.until.is_(None)
    session.execute(update(Deployment).where(lasting).values(until=moment))
    return version


def _row(deployment: Deployment, version: str) -> DeploymentRow:
    return DeploymentRow(
        deployment.pattern,
        deployment.model_id,
        version,
        deployment.since,
        deployment.until,
        deployment.actor,
        deployment.reason,
    )
