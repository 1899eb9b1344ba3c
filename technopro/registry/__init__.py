"""The product's memory in SQL: runs, batches, images, patterns, models, decisions, history."""

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
from technopro.registry.runs import (
    RunRow,
    beat,
    close_stale,
    finish_run,
    run_row,
    stale_runs,
    start_run,
)
from technopro.registry.snapshots import record_snapshot, snapshot_images
from technopro.registry.thresholds import (
    ThresholdRow,
    set_thresholds,
    threshold_history,
    thresholds,
)
from technopro.registry.trends import TrendRow, pattern_trend, score_histogram
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
    "AuditRow",
    "DeploymentRow",
    "Judgement",
    "ModelRow",
    "NightRow",
    "RunRow",
    "SuspectRow",
    "ThresholdRow",
    "TrendRow",
    "audit_rows",
    "batch_records",
    "beat",
    "champion_at",
    "champions",
    "close_stale",
    "deployments",
    "earlier_champion",
    "find_image",
    "finish_run",
    "judgements",
    "known_patterns",
    "latest_batch",
    "model_by_id",
    "model_of",
    "model_versions",
    "models_of_run",
    "night",
    "nights",
    "note",
    "open_database",
    "pattern_trend",
    "promote",
    "quarantined",
    "record_batch",
    "record_model",
    "record_night",
    "record_pattern",
    "record_snapshot",
    "refuse",
    "roll_back",
    "run_row",
    "runs_behind",
    "score_histogram",
    "scores",
    "set_thresholds",
    "snapshot_images",
    "stale_runs",
    "start_run",
    "threshold_history",
    "thresholds",
    "unit_of_work",
    "worst",
]
