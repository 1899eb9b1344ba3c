"""`technopro db`: the database's revision, soundness and copies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sqlalchemy import Engine

db = typer.Typer(
    name="db", help="Keep the database: revision, check, backup, restore.", no_args_is_help=True
)


@db.command()
def upgrade() -> None:
    """Bring the schema to what this release expects; every start does the same.

    Example: `technopro db upgrade`
    """
    from technopro.registry import upkeep

    typer.echo(f"the schema is at revision {upkeep.revision(_opened())}")


@db.command()
def check() -> None:
    """Look for damage, lost parents and a schema that differs; exit status 1 where there is any.

    Example: `technopro db check`
    """
    from technopro.registry import upkeep

    found = upkeep.check(_opened())
    for line in found:
        typer.echo(line)
    if found:
        raise typer.Exit(1)
    typer.echo("the database is sound")


@db.command()
def backup(file: Annotated[Path, typer.Argument(help="A new file.")]) -> None:
    """Copy the database while it is in use; images and weights stay in the object store.

    Example: `technopro db backup technopro-2026-11-24.backup`
    """
    from technopro.registry import upkeep

    upkeep.backup(_opened(), file)
    typer.echo(f"copied to {file}, {file.stat().st_size / 1e6:.1f} MB")


@db.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `technopro db backup` wrote.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Put a copy in the place of everything that is in the database now.

    Example: `technopro db restore technopro-2026-11-24.backup --yes`
    """
    from technopro.registry import upkeep

    engine = _opened()
    shown = engine.url.render_as_string(hide_password=True)
    if not yes:
        typer.confirm(f"Replace everything in {shown} by {file}?", abort=True)
    upkeep.restore(engine, file)
    typer.echo(f"restored from {file}, revision {upkeep.revision(_opened())}")


def _opened() -> Engine:
    from technopro.registry import open_database
    from technopro.settings import Settings

    return open_database(Settings().resolved_database_url())
