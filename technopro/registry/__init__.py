"""The product's memory in SQL: runs, batches, images, patterns, models, predictions, rates."""

from technopro.registry.batches import batch_records, latest_batch, quarantined, record_batch
from technopro.registry.engine import open_database, unit_of_work
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
from technopro.registry.runs import RunRow, finish_run, run_row, start_run
from technopro.registry.versions import (
    ModelRow,
    champions,
    known_patterns,
    model_of,
    models_of_run,
    promote,
    record_model,
    record_pattern,
)

__all__ = [
    "ModelRow",
    "NightRow",
    "RunRow",
    "SuspectRow",
    "batch_records",
    "champions",
    "finish_run",
    "known_patterns",
    "latest_batch",
    "model_of",
    "models_of_run",
    "night",
    "nights",
    "open_database",
    "promote",
    "quarantined",
    "record_batch",
    "record_model",
    "record_night",
    "record_pattern",
    "run_row",
    "runs_behind",
    "scores",
    "start_run",
    "unit_of_work",
    "worst",
]
