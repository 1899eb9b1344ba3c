"""The night: ingest, retrain, score."""

from __future__ import annotations

from prefect import flow

from flows.steps import Effort, judge, learn, take_in


@flow(name="nightly", log_prints=True)
def nightly(source: str | None = None, effort: Effort = Effort()) -> str:  # noqa: B008
    """Take in what arrived, learn its patterns, score it; returns the run id of the night."""
    batch_id = take_in(source)
    learn(batch_id, effort)
    return judge(batch_id, effort)
