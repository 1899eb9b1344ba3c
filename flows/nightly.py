"""The night: ingest, retrain what has changed, score."""

from __future__ import annotations

from prefect import flow

from flows.hooks import HOOKS
from flows.steps import Effort, judge, learn, take_in


@flow(name="nightly", log_prints=True, **HOOKS)
def nightly(
    source: str | None = None,
    line: str | None = None,
    effort: Effort = Effort(),  # noqa: B008
    everything: bool = False,
) -> str:
    """Take in what arrived, learn what is new or has changed, score it; returns the night's run id.

    With `everything`, patterns of which nothing has changed are learned anew too.
    """
    batch_id = take_in(source, line)
    learn(batch_id, effort, which="all" if everything else "changed")
    return judge(batch_id, effort)
