"""Score a batch with the champions."""

from __future__ import annotations

from prefect import flow

from flows.hooks import HOOKS
from flows.steps import Effort, judge, newest_batch


@flow(name="score", log_prints=True, **HOOKS)
def score(batch_id: int | None = None, effort: Effort = Effort()) -> str:  # noqa: B008
    """Score a batch, by default the newest; returns the run id in the registry."""
    return judge(newest_batch(batch_id), effort)
