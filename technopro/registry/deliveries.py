"""Which open alerts a channel has not sent yet, so that nobody is told the same thing twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from technopro.registry.alerts import AlertRow, row_of
from technopro.registry.insert import insert_new
from technopro.registry.tables import Alert, Delivery
from technopro.settings import AlertLevel


def unsent(session: Session, channel: str, at_least: AlertLevel) -> dict[int, AlertRow]:
    """Return open alerts of such a level or worse that a channel has not sent, oldest first."""
    levels = get_args(AlertLevel)
    bad_enough = levels[levels.index(at_least) :]
    sent = exists().where((Delivery.alert_id == Alert.id) & (Delivery.channel == channel))
    waiting = Alert.closed_at.is_(None) & Alert.level.in_(bad_enough) & ~sent
    found = session.scalars(select(Alert).where(waiting).order_by(Alert.raised_at, Alert.id))
    return {alert.id: row_of(alert) for alert in found}


def record_sent(session: Session, channel: str, alert_ids: Sequence[int]) -> None:
    """Record that a channel has sent these alerts."""
    rows = [{"alert_id": alert_id, "channel": channel} for alert_id in alert_ids]
    insert_new(session, Delivery, rows)
