"""Learn what is new in a batch, without waiting for the night."""

from __future__ import annotations

from prefect import flow

from flows.gpu import learn_where_wished
from flows.hooks import COMMON
from flows.steps import Effort, judge, newest_batch, take_in


@flow(name="new_pattern", **COMMON)
def new_pattern(
    batch_id: int | None = None,
    effort: Effort = Effort(),  # noqa: B008
    source: str | None = None,
    line: str | None = None,
) -> str:
    """Learn the patterns of a batch that have no champion, score it; returns the run id.

    The batch is that of `source`, taken in first, or `batch_id`, or the newest. Everything that has
    a champion keeps it.
    """
    batch = take_in(source, line) if source else newest_batch(batch_id)
    learn_where_wished(batch, effort, "new")
    return judge(batch, effort)
