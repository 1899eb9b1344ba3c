"""`technopro maintain`: putting a plant in order, and saying in plain words how it is."""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from technopro.maintain import Findings
    from technopro.sweep import Swept

SHOWN = 20  # lines of a kind
NAMES = {
    "images": "images",
    "thumbs": "thumbnails",
    "models": "weights",
    "heat": "heat maps",
    "nights": "samples of nights",
}


AGAIN = {
    "images": "take its source in again, or bring back the object store's copy",
    "models": "bring back the object store's copy, or learn the pattern again: "
    "technopro start retrain",
}


def maintain(
    delete: Annotated[
        bool, typer.Option("--delete", help="Delete what crashed runs left behind.")
    ] = False,
    grace_hours: Annotated[
        float, typer.Option(min=1, help="Objects younger than this may still get their row.")
    ] = 24,
    silent_minutes: Annotated[
        float, typer.Option(min=2, help="A run without a sign of life for so long has died.")
    ] = 15,
) -> None:
    """Close the runs that died, compare the object store with the database, and report.

    Rows are never deleted; objects only with --delete, but for old checkpoints. Exit status 1 where
    a person must act.

    Example: `technopro maintain`

    Example: `technopro maintain --delete --grace-hours 48`
    """
    from technopro.console import console, progress_bars
    from technopro.maintain import maintain as put_in_order
    from technopro.plant import open_plant

    plant = open_plant()
    with progress_bars() as progress:
        findings = put_in_order(
            plant,
            delete=delete,
            grace=timedelta(hours=grace_hours),
            silent=timedelta(minutes=silent_minutes),
            actor=f"{getpass.getuser()} (command line)",
            progress=progress,
        )
    for line in describe(findings):
        console.print(line, markup=False)
    if findings.needs_a_person:
        raise typer.Exit(1)


def describe(findings: Findings) -> Iterator[str]:
    """Yield the report, a line at a time."""
    for run in findings.closed:
        yield f"closed the {run.kind} run {run.id}: {run.message}"
    for one in findings.swept:
        yield _summary(one, findings.deleted.get(one.kind))
    if findings.held_back:
        yield "an ingest is going on: no image or thumbnail was deleted; run it again afterwards"
    for one in findings.swept:
        yield from _troubles(one)
    yield (
        "needs a person: see the lines above"
        if findings.needs_a_person
        else "nothing needs a person"
    )


def _summary(one: Swept, deleted: int | None) -> str:
    parts = [f"{one.objects:,} objects, {one.size_bytes / 1e6:,.1f} MB"]
    if one.orphans and deleted is None:
        parts.append(f"{len(one.orphans)} left by a run that died (--delete removes them)")
    if deleted is not None:
        parts.append(f"{deleted} left by a run that died: deleted")
    if one.young:
        parts.append(f"{one.young} too young to judge")
    return f"{NAMES[one.kind]}: {'; '.join(parts)}"


def _troubles(one: Swept) -> Iterator[str]:
    needed = [m for m in one.missing if m.needed]
    again = AGAIN.get(one.kind, "bring back the object store's copy")
    yield from _listed([f"MISSING {m.what}, {m.key}" for m in needed], again)
    yield from _listed(
        [f"DAMAGED {m.what}, {m.key}: not the {m.size_bytes} bytes recorded" for m in one.damaged],
        f"delete the object; then {again}",
    )
    yield from _listed(
        [f"UNEXPLAINED {key}: no row, and no run of this database wrote it"
         for key in one.unexplained],
        "check TECHNOPRO_DATABASE_URL and TECHNOPRO_OBJECT_STORE; after a restored database, take "
        "the sources of the last nights in again",
    )  # fmt: skip
    if lesser := len(one.missing) - len(needed):
        yield f"missing, without harm: {lesser} {NAMES[one.kind]}, such as {_lesser(one)}"


def _lesser(one: Swept) -> str:
    return next(m.key for m in one.missing if not m.needed)


def _listed(lines: Sequence[str], advice: str) -> Iterator[str]:
    yield from lines[:SHOWN]
    if len(lines) > SHOWN:
        yield f"… and {len(lines) - SHOWN} more"
    if lines:
        yield f"  to do: {advice}"
