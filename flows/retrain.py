"""Learn the patterns of a batch anew."""

from __future__ import annotations

from prefect import flow

from flows.hooks import HOOKS
from flows.steps import Effort, learn, newest_batch


@flow(name="retrain", log_prints=True, **HOOKS)
def retrain(batch_id: int | None = None, effort: Effort = Effort()) -> str:  # noqa: B008
    """Retrain on a batch, by default the newest; returns the run id in the registry."""
    return learn(newest_batch(batch_id), effort)
