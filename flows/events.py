"""The event that something new has come, and the trigger that answers it."""

from __future__ import annotations

from prefect.events import DeploymentEventTrigger, emit_event
from prefect.logging import get_run_logger

from technopro import pipeline, registry
from technopro.drift.figure import Level

NEW_PATTERN = "technopro.pattern.new"


def announce_novelty(batch_id: int, run_id: str) -> None:
    """Emit the event where a scoring run found pictures of an unknown pattern."""
    with registry.unit_of_work(pipeline.open_plant().engine) as session:
        figures = registry.drift_figures(session, [run_id])
    for figure in figures:
        if figure.kind != "novelty" or figure.level is not Level.DRIFTED:
            continue
        get_run_logger().info("%s The flow new_pattern is asked to learn it.", figure.words)
        emit_event(
            NEW_PATTERN,
            resource={"prefect.resource.id": f"technopro.batch.{batch_id}"},
            payload={"batch_id": batch_id, "words": figure.words},
        )


def on_new_pattern() -> DeploymentEventTrigger:
    """Return the trigger that starts `new_pattern` on the batch of the event, once a batch."""
    return DeploymentEventTrigger(
        name="technopro: learn a new pattern",
        expect={NEW_PATTERN},
        match={"prefect.resource.id": "technopro.batch.*"},
        for_each={"prefect.resource.id"},
        parameters={
            "batch_id": {
                "__prefect_kind": "json",
                "value": {"__prefect_kind": "jinja", "template": "{{ event.payload.batch_id }}"},
            }
        },
    )
