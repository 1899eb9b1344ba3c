"""Look at, or score, some of the images of a batch, for a run on another machine."""

from __future__ import annotations

from prefect import flow, task

from flows.hooks import TIME_LIMIT_S
from flows.steps import PATIENT, Effort
from technopro import pipeline
from technopro.shards import Shard, do_shard


@flow(name="shard", log_prints=True, timeout_seconds=TIME_LIMIT_S)
def shard(part: Shard, effort: Effort = Effort()) -> None:  # noqa: B008
    """Do one part; the run that asked for it tells people if that fails."""
    do(part, effort)


@task(**PATIENT)
def do(part: Shard, effort: Effort) -> None:
    """Do a shard and keep its result in the store."""
    do_shard(pipeline.open_plant(), part, effort.options())
