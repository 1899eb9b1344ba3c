"""What a person should know, and putting it aside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from technopro.commands.history import who

if TYPE_CHECKING:
    from technopro.notify import Told


def alerts(
    close: Annotated[
        str | None, typer.Option(help="Topic of an alert that has been seen to.")
    ] = None,
    send: Annotated[
        bool, typer.Option("--send", help="Send what no channel in TECHNOPRO_NOTIFY has sent yet.")
    ] = False,
) -> None:
    """List what waits for a person, the worst first, close one, or send them.

    Example: `technopro alerts`

    Example: `technopro alerts --close "new pattern: p-3f2a91"`

    Example: `TECHNOPRO_NOTIFY=jsons://chat.example/hook technopro alerts --send`
    """
    from technopro import registry
    from technopro.console import console
    from technopro.notify import tell_people
    from technopro.plant import open_plant

    plant = open_plant()
    with registry.unit_of_work(plant.engine) as session:
        if close is not None:
            registry.close_alert(session, close, actor=who())
            session.commit()
        found = registry.open_alerts(session)
    for one in found:
        console.print(
            f"{one.raised_at:%Y-%m-%d %H:%M} UTC  {one.level}  {one.topic}\n    {one.words}"
        )
    if not found:
        console.print("nothing waits for you")
    if send and any([_sent(told) for told in tell_people(plant)]):
        raise typer.Exit(1)


def _sent(told: Told) -> bool:
    from technopro.console import console

    outcome = "did not get through" if told.failed else "sent through"
    console.print(f"{told.alerts} alert(s) {outcome} {told.channel}")
    return told.failed
