"""What a person should know, and putting it aside."""

from __future__ import annotations

from typing import Annotated

import typer

from technopro.commands.history import who


def alerts(
    close: Annotated[
        str | None, typer.Option(help="Topic of an alert that has been seen to.")
    ] = None,
) -> None:
    """List what waits for a person, newest first, or close one.

    Example: `technopro alerts`

    Example: `technopro alerts --close "new pattern: p-3f2a91"`
    """
    from technopro import registry
    from technopro.console import console
    from technopro.plant import open_plant

    with registry.unit_of_work(open_plant().engine) as session:
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
