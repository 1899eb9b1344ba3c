"""What Prefect does by itself when a worker or its machine dies: the run is started again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import StateType
from prefect.events import Posture
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger
from prefect.events.schemas.events import ResourceSpecification

UNBEGUN = timedelta(minutes=5)  # from a worker's hand to the first line; an image may be pulled
REST = timedelta(seconds=90)  # a worker may report the same crash twice, half a minute apart
TIMES = 3  # that a run is started again at most
BEAT, PENDING, RUNNING = (f"prefect.flow-run.{s}" for s in ("heartbeat", "Pending", "Running"))
AWAITING = "prefect.flow-run.AwaitingRetry"
ENDED = {f"prefect.flow-run.{s}" for s in ("Completed", "Failed", "Cancelled", "Crashed")}


def deploy_automations(
    client: SyncPrefectClient, restarted: Sequence[str], watched: Sequence[str], silence: timedelta
) -> None:
    """Create the automations, or bring those of an earlier release up to date."""
    for automation in automations(restarted, watched, silence):
        there = client.read_automations_by_name(automation.name)
        if there:
            client.update_automation(there[0].id, automation)
        else:
            client.create_automation(automation)


def automations(
    restarted: Sequence[str], watched: Sequence[str], silence: timedelta
) -> list[AutomationCore]:
    """Return them: what falls silent has crashed, and what has crashed goes on where it was.

    Flows are `watched`, deployments `restarted`; what others asked for is begun again by them.
    Heartbeats come every 30 s, see `flows.environment`; a silence of 240 s outlasts two minutes
    without database or server, after which the run goes on by itself.
    """
    silent = _silence({RUNNING, BEAT}, {BEAT, *ENDED}, watched, silence)
    unbegun = _silence({PENDING}, {RUNNING, AWAITING, *ENDED}, watched, UNBEGUN)
    crashed = EventTrigger(
        after={"prefect.flow-run.Crashed"},
        expect={AWAITING},
        match=ResourceSpecification({
            "prefect.resource.id": "prefect.flow-run.*",
            "prefect.run-count": [str(count) for count in range(TIMES + 1)],
        }),
        match_related=_called("deployment", restarted),
        for_each={"prefect.resource.id"},
        posture=Posture.Proactive,
        threshold=1,
        within=REST,
    )  # fmt: skip
    return [
        _crash(
            "technopro: a run without a sign of life has crashed",
            silent,
            f"no sign of life for {silence.total_seconds():.0f} s: killed, or its machine stopped",
        ),
        _crash(
            "technopro: a run that a worker took and never began has crashed",
            unbegun,
            f"not begun within {UNBEGUN.seconds} s: its worker was killed, or its machine stopped",
        ),
        AutomationCore(
            name="technopro: a run that crashed is started again",
            trigger=crashed,
            actions=[
                ChangeFlowRunState(
                    state=StateType.SCHEDULED,
                    name="AwaitingRetry",
                    message="started again after a crash; what it had finished counts",
                )
            ],
        ),
    ]


def _silence(
    after: set[str], expect: set[str], watched: Sequence[str], within: timedelta
) -> EventTrigger:
    """What fires where a watched flow's run did one thing, and did not do another in time."""
    return EventTrigger(
        after=after,
        expect=expect,
        match=ResourceSpecification({"prefect.resource.id": "prefect.flow-run.*"}),
        match_related=_called("flow", watched),  # a heartbeat names its flow, not its deployment
        for_each={"prefect.resource.id"},
        posture=Posture.Proactive,
        threshold=1,
        within=within,
    )


def _crash(name: str, trigger: EventTrigger, message: str) -> AutomationCore:
    crashed = ChangeFlowRunState(state=StateType.CRASHED, name="Crashed", message=message)
    return AutomationCore(name=name, trigger=trigger, actions=[crashed])


def _called(role: str, names: Sequence[str]) -> ResourceSpecification:
    return ResourceSpecification(
        {"prefect.resource.role": role, "prefect.resource.name": list(names)}
    )
