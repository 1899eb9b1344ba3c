"""`technopro pattern`: the life of patterns, as people wish it."""

from __future__ import annotations

from typing import Annotated

import typer

from technopro.commands.history import Pattern, Reason, said, who

pattern = typer.Typer(
    name="pattern",
    help="Name, merge, split and retire patterns.",
    no_args_is_help=True,
)


@pattern.command("list")
def list_patterns() -> None:
    """List every pattern that ever was, with its state and its champion.

    Example: `technopro pattern list`
    """
    from technopro import registry
    from technopro.commands.show import print_patterns
    from technopro.plant import open_plant

    with registry.unit_of_work(open_plant().engine) as session:
        print_patterns(registry.patterns(session), registry.champions(session))


@pattern.command()
def title(name: Pattern, text: Annotated[str, typer.Argument(help="What people call it.")]) -> None:
    """Give a pattern the name that people use.

    Example: `technopro pattern title p-3f2a "bracket, left"`
    """
    from technopro import registry
    from technopro.console import console
    from technopro.plant import open_plant

    with registry.unit_of_work(open_plant().engine) as session:
        registry.set_title(session, name, text, actor=who())
        session.commit()
    console.print(f"{name} is called {text.strip()}")


@pattern.command()
def merge(
    name: Pattern,
    into: Annotated[str, typer.Argument(help="The pattern that it becomes part of.")],
    reason: Reason,
) -> None:
    """Let a pattern be part of another from the next retrain on.

    Example: `technopro pattern merge p-77aa p-3f2a --reason "the same part under two lamps"`
    """
    from technopro import registry
    from technopro.console import console
    from technopro.plant import open_plant

    with registry.unit_of_work(open_plant().engine) as session:
        registry.merge(session, name, into, actor=who(), reason=said(reason))
        session.commit()
    console.print(f"{name} is part of {into} from the next retrain on; until then both judge")


@pattern.command()
def split(name: Pattern, reason: Reason) -> None:
    """Let a pattern be two, by the look of its images in the newest batch with enough of them.

    Example: `technopro pattern split p-3f2a --reason "two moulds that wear differently"`
    """
    from technopro.console import console, progress_bars
    from technopro.division import split_pattern
    from technopro.plant import Options, open_plant

    with progress_bars() as progress:
        parts = split_pattern(
            open_plant(), name, Options(), actor=who(), reason=said(reason), progress=progress
        )
    shown = ", ".join(f"{part} ({count} images)" for part, count in parts.items())
    console.print(f"{name} is split into {shown} from the next retrain on; until then it judges")


@pattern.command()
def retire(name: Pattern, reason: Reason) -> None:
    """End a pattern that is no longer made; it comes back when it is seen again.

    Example: `technopro pattern retire p-77aa --reason "discontinued"`
    """
    from technopro import registry
    from technopro.console import console
    from technopro.plant import open_plant

    with registry.unit_of_work(open_plant().engine) as session:
        registry.retire(session, name, actor=who(), reason=said(reason))
        session.commit()
    console.print(f"{name} is retired; it has no champion any more")
