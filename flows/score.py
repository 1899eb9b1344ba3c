"""Score a batch with the champions."""

from __future__ import annotations

from prefect import flow

from flows.events import announce_novelty
from flows.hooks import COMMON
from flows.steps import Effort, judge, newest_batch, take_in


@flow(name="score", **COMMON)
def score(
    batch_id: int | None = None,
    effort: Effort = Effort(),  # noqa: B008
    source: str | None = None,
    line: str | None = None,
) -> str:
    """Score a batch; returns the run id in the registry.

    The batch is that of `source`, taken in first, or `batch_id`, or the newest. Where it holds
    pictures of a pattern that nobody knows, an event says so, which starts the flow `new_pattern`.
    """
    batch = take_in(source, line) if source else newest_batch(batch_id)
    run_id = judge(batch, effort)
    announce_novelty(batch, run_id)
    return run_id
