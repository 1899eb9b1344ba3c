"""The product's memory in SQL: runs, batches, images, patterns, models, decisions, history."""

from technopro.registry.alerts import (
    AlertRow,
    alert_history,
    close_alert,
    open_alerts,
    raise_alert,
)
from technopro.registry.audit import AuditRow, audit_rows, note
from technopro.registry.batches import batch_records, latest_batch, quarantined, record_batch
from technopro.registry.deployments import (
    DeploymentRow,
    champion_at,
    deployments,
    earlier_champion,
    promote,
    refuse,
    roll_back,
)
from technopro.registry.engine import open_database, unit_of_work
from technopro.registry.judgements import Judgement, find_image, judgements
from technopro.registry.lane import AuditPart, audit_lane
from technopro.registry.nights import (
    NightRow,
    SuspectRow,
    night,
    nights,
    record_night,
    runs_behind,
    scores,
    worst,
)
from technopro.registry.rates import RateRow, rates, trend
from technopro.registry.runs import RunRow, finish_run, run_row, start_run
from technopro.registry.snapshots import record_snapshot, snapshot_images
from technopro.registry.thresholds import (
    ThresholdRow,
    set_thresholds,
    threshold_history,
    thresholds,
)
from technopro.registry.verdicts import (
    Settled,
    VerdictRow,
    give_verdict,
    newest_run,
    settled,
    verdicts,
)
from technopro.registry.versions import (
    ModelRow,
    champions,
    known_patterns,
    model_by_id,
    model_of,
    model_versions,
    models_of_run,
    record_model,
    record_pattern,
)

__all__ = [
    "AlertRow",
    "AuditPart",
    "AuditRow",
    "DeploymentRow",
    "Judgement",
    "ModelRow",
    "NightRow",
    "RateRow",
    "RunRow",
    "Settled",
    "SuspectRow",
    "ThresholdRow",
    "VerdictRow",
    "alert_history",
    "audit_lane",
    "audit_rows",
    "batch_records",
    "champion_at",
    "champions",
    "close_alert",
    "deployments",
    "earlier_champion",
    "find_image",
    "finish_run",
    "give_verdict",
    "judgements",
    "known_patterns",
    "latest_batch",
    "model_by_id",
    "model_of",
    "model_versions",
    "models_of_run",
    "newest_run",
    "night",
    "nights",
    "note",
    "open_alerts",
    "open_database",
    "promote",
    "quarantined",
    "raise_alert",
    "rates",
    "record_batch",
    "record_model",
    "record_night",
    "record_pattern",
    "record_snapshot",
    "refuse",
    "roll_back",
    "run_row",
    "runs_behind",
    "scores",
    "set_thresholds",
    "settled",
    "snapshot_images",
    "start_run",
    "threshold_history",
    "thresholds",
    "trend",
    "unit_of_work",
    "verdicts",
    "worst",
]
