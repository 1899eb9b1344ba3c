"""The night: ingest, retrain what has changed, score."""

from __future__ import annotations

from prefect import flow
from prefect.logging import get_run_logger

from flows.gpu import learn_where_wished
from flows.hooks import COMMON
from flows.steps import Effort, judge, take_in
from technopro import pipeline
from technopro.errors import TechnoproError


@flow(name="nightly", **COMMON)
def nightly(
    source: str | None = None,
    line: str | None = None,
    effort: Effort = Effort(),  # noqa: B008
    everything: bool = False,
) -> str:
    """Take in what arrived, learn what is new or has changed, score it; returns the night's run id.

    Batches that a night before left behind come first. Where nothing has arrived or changed, the
    run of before is returned. With `everything`, patterns of which nothing has changed are learned
    anew too.
    """
    newest = take_in(source, line)
    plant, log = pipeline.open_plant(), get_run_logger()
    left = pipeline.waiting(plant, newest)
    before = pipeline.still_holds(plant, newest, effort.options())
    if before and not left and not everything:
        log.info("nothing has arrived or changed since run %s judged batch %d", before, newest)
        return before
    troubles = []
    for batch_id in left:
        try:
            _night(batch_id, effort, everything)
        except TechnoproError as error:
            log.error("batch %d, left by a night before: %s", batch_id, error)
            troubles.append(error)
    run_id = _night(newest, effort, everything)
    if troubles:
        raise troubles[0]
    return run_id


def _night(batch_id: int, effort: Effort, everything: bool) -> str:
    learn_where_wished(batch_id, effort, "all" if everything else "changed")
    return judge(batch_id, effort)
