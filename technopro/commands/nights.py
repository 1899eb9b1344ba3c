"""What happened: the runs, and what a night came to."""

from __future__ import annotations

from typing import Annotated

import typer

from technopro.commands.dates import last_of
from technopro.errors import InputError

KINDS, STATES = ("ingest", "retrain", "score", "maintain"), ("running", "completed", "failed")


def runs(
    kind: Annotated[str | None, typer.Option(help="ingest, retrain, score or maintain.")] = None,
    state: Annotated[str | None, typer.Option(help="running, completed or failed.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 20,
) -> None:
    """List what ran, how long it took, and why it failed.

    Example: `technopro runs`

    Example: `technopro runs --kind retrain --state failed`
    """
    from technopro import registry
    from technopro.commands.show import print_runs
    from technopro.plant import open_plant

    for option, given, known in (("--kind", kind, KINDS), ("--state", state, STATES)):
        if given is not None and given not in known:
            raise InputError(f"{option}: expected {', '.join(known)}; found {given!r}")
    with registry.unit_of_work(open_plant().engine) as session:
        print_runs(registry.recent_runs(session, kind=kind, state=state, limit=limit))


def night(
    date: Annotated[
        str | None, typer.Option(help="The last night scored by the end of that day, UTC.")
    ] = None,
) -> None:
    """Print a night pattern by pattern, by default the newest, and what waits for a person.

    Example: `technopro night`

    Example: `technopro night --date 2026-11-24`
    """
    from technopro import registry
    from technopro.commands.show import print_recorded
    from technopro.console import console
    from technopro.plant import open_plant

    until = None if date is None else last_of("--date", date)
    with registry.unit_of_work(open_plant().engine) as session:
        found = registry.nights(session, limit=1, until=until)
        if not found:
            console.print("no night was scored until then" if date else "no night was scored yet")
            raise typer.Exit(1)
        print_recorded(session, found[0])
        waiting = registry.open_alerts(session) if date is None else []
    for alert in waiting:
        console.print(f"{alert.level}: {alert.topic}\n    {alert.words}")
