"""Verbs about the past: who judged a part, and taking a step back."""

from __future__ import annotations

import getpass
from datetime import datetime
from typing import Annotated

import typer

from technopro.commands.dates import last_of
from technopro.errors import InputError

Image = Annotated[str, typer.Argument(help="Path in its batch, or the start of its SHA-256.")]
Until = Annotated[
    str | None, typer.Option(help="Only what was decided until then, such as 2026-11-24.")
]
Pattern = Annotated[str, typer.Argument(help="The pattern's name.")]
Reason = Annotated[str, typer.Option(help="Why; it is kept for ever.")]


def audit(
    image: Image,
    date: Until = None,
) -> None:
    """Say who or what judged an image, at which threshold, and what has changed since.

    Example: `technopro audit line3/0042.png --date 2026-11-24`
    """
    from technopro import registry
    from technopro.commands.show import print_judgements
    from technopro.plant import open_plant

    until = _until(date)
    with registry.unit_of_work(open_plant().engine) as session:
        sha256 = registry.find_image(session, image)
        found = registry.judgements(session, sha256, until)
        said = registry.verdicts(session, sha256=sha256)
    print_judgements(sha256, found, said)


def replay(
    image: Image,
    date: Until = None,
) -> None:
    """Compute a recorded score again from the stored weights and the stored image.

    Exit status 1 where it differs by more than one in a million.

    Example: `technopro replay line3/0042.png`
    """
    from technopro import registry
    from technopro.commands.show import print_replay
    from technopro.plant import open_plant
    from technopro.replay import Replayer

    until, plant = _until(date), open_plant()
    with registry.unit_of_work(plant.engine) as session:
        found = registry.judgements(session, registry.find_image(session, image), until)
    if not found:
        raise InputError(f"no decision on {image} is recorded; score a batch that holds it first")
    replayed = Replayer(plant).replay(found[0])
    print_replay(found[0], replayed)
    if not replayed.equal:
        raise typer.Exit(1)


def rollback(pattern: Pattern, reason: Reason) -> None:
    """Make the champion before the present one champion again.

    Example: `technopro rollback p-3f2a --reason "twice as many alarms"`
    """
    from technopro import registry
    from technopro.console import console
    from technopro.plant import open_plant

    with registry.unit_of_work(open_plant().engine) as session:
        reign = registry.roll_back(session, pattern, actor=who(), reason=said(reason))
        session.commit()
    console.print(f"{pattern}: {reign.version} is champion again; next: technopro audit IMAGE")


def threshold(
    pattern: Pattern,
    defect: Annotated[float, typer.Option(help="Score from which an image is a defect.")],
    review: Annotated[float, typer.Option(help="Score from which a person looks.")],
    reason: Reason,
) -> None:
    """Decide a pattern at other scores from the next night on.

    Example: `technopro threshold p-3f2a --defect 0.7 --review 0.1 --reason "fewer alarms"`
    """
    from technopro import registry
    from technopro.console import console
    from technopro.plant import open_plant

    with registry.unit_of_work(open_plant().engine) as session:
        registry.set_thresholds(
            session, pattern, defect=defect, review=review, actor=who(), reason=said(reason)
        )
        session.commit()
    console.print(
        f"{pattern}: defect from {defect:g}, review from {review:g}, from the next night on"
    )


def who() -> str:
    """Return whose will it is, for the record."""
    return f"{getpass.getuser()} (command line)"


def said(reason: str) -> str:
    if not reason.strip():
        raise InputError("--reason: expected a few words, found none")
    return reason.strip()


def _until(date: str | None) -> datetime | None:
    return None if date is None else last_of("--date", date)
