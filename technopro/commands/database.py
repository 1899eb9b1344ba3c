"""`technopro db`: the database's revision, soundness, copies, and what it lets go."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sqlalchemy import Engine

db = typer.Typer(
    name="db",
    help="Keep the database: revision, check, backup, restore, prune.",
    no_args_is_help=True,
)


@db.command()
def current() -> None:
    """Print the schema's revision and whether it is the newest; changes nothing.

    Example: `technopro db current`
    """
    from technopro.registry.engine import known_revisions, newest_revision, revision_at
    from technopro.settings import Settings

    found, newest = revision_at(Settings().resolved_database_url()), newest_revision()
    if found is None:
        typer.echo(f"no schema yet; technopro db upgrade makes it, at revision {newest}")
    elif found == newest:
        typer.echo(f"revision {found}, the newest")
    elif found in known_revisions():
        typer.echo(f"revision {found}; the newest is {newest}: technopro db upgrade")
    else:
        typer.echo(f"revision {found}, of a newer technopro; this one knows {newest} at most")


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

    Nothing is changed.

    Example: `technopro db check`
    """
    from technopro.registry import upkeep

    found = upkeep.check(_as_it_is())
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

    upkeep.backup(_as_it_is(), file)
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


@db.command()
def prune(
    keep_nights: Annotated[int, typer.Option(min=1, help="So many newest nights stay whole.")],
    keep_days: Annotated[int, typer.Option(min=1, help="Nothing younger than this is touched.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it; otherwise only count.")] = False,
) -> None:
    """Let old heat maps go, and the weights of models that were refused and never judged.

    Images, decisions, thresholds, verdicts and every model that ever judged stay for ever.

    Example: `technopro db prune --keep-nights 90 --keep-days 180`

    Example: `technopro db prune --keep-nights 90 --keep-days 180 --yes`
    """
    from technopro.console import progress_bars
    from technopro.plant import open_plant
    from technopro.prune import prune as let_go
    from technopro.registry.retention import Retention

    who = f"{getpass.getuser()} (command line)"
    keep = Retention(keep_nights, keep_days)
    with progress_bars() as progress:
        pruned = let_go(open_plant(), keep, really=yes, actor=who, progress=progress)
    typer.echo(
        f"{'let go' if yes else 'would let go'} {pruned.heat_maps} heat maps of {pruned.nights} "
        f"nights and the weights of {pruned.models} refused models, "
        f"{pruned.size_bytes / 1e6:.1f} MB"
    )
    if not yes:
        typer.echo("nothing was changed; --yes does it")


def _as_it_is() -> Engine:
    from technopro.registry.engine import open_as_it_is
    from technopro.settings import Settings

    return open_as_it_is(Settings().resolved_database_url())


def _opened() -> Engine:
    from technopro.registry import open_database
    from technopro.settings import Settings

    return open_database(Settings().resolved_database_url())
