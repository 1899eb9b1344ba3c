"""Upkeep: runs that died, the object store against the database."""

from __future__ import annotations

from prefect import flow
from prefect.logging import get_run_logger
from prefect.runtime import flow_run

from flows.hooks import COMMON
from flows.progress import run_progress
from technopro import pipeline
from technopro.commands.upkeep import describe
from technopro.maintain import maintain as put_in_order


@flow(name="maintain", **COMMON)
def maintain(delete: bool = False) -> str:
    """Close runs that died, compare store and database, raise alerts; returns the run id.

    With `delete`, objects that crashed runs left behind go.
    """
    findings = put_in_order(
        pipeline.open_plant(),
        delete=delete,
        actor="maintain flow",
        prefect_run_id=flow_run.id,
        progress=run_progress(),
    )
    for line in describe(findings):
        get_run_logger().info("%s", line)
    return findings.run_id
