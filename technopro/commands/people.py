"""Verbs about what people said: giving a verdict, and the rates that come of verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from technopro.commands.dates import first_of, last_of
from technopro.commands.history import Image, who

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Since = Annotated[str | None, typer.Option(help="From this day or moment on, such as 2026-11-24.")]
Until = Annotated[str | None, typer.Option(help="Up to this day or moment, such as 2026-11-30.")]


def verdict(
    image: Image,
    label: Annotated[str, typer.Argument(help="ok, defect, or withdrawn to take it back.")],
    lane: Annotated[
        str, typer.Option(help="Why it was looked at: audit, review, unstable, other.")
    ] = "other",
    reason: Annotated[str | None, typer.Option(help="What was seen.")] = None,
    run: Annotated[str | None, typer.Option(help="Of this run instead of the newest.")] = None,
) -> None:
    """Say what a part really was; it corrects the defect rate where the part was drawn at random.

    Example: `technopro verdict line3/0042.png defect --reason "scratch at the edge"`

    Example: `technopro verdict line3/0042.png withdrawn`
    """
    from technopro import registry
    from technopro.commands.show import print_verdict
    from technopro.plant import open_plant

    with registry.unit_of_work(open_plant().engine) as session:
        sha256 = registry.find_image(session, image)
        run_id = run or _run_about(session, sha256, label)
        registry.give_verdict(
            session, run_id, sha256, actor=who(), label=label, lane=lane, reason=reason
        )
        session.commit()
        said = registry.verdicts(session, [run_id], sha256=sha256)
    print_verdict(image, label, said)


def _run_about(session: Session, sha256: str, label: str) -> str:
    """Return the newest run that scored an image, or of which it was judged to withdraw that."""
    from technopro import registry

    own = registry.verdicts(session, sha256=sha256, actor=who(), limit=1)
    if label == "withdrawn" and own:
        return own[0].run_id
    return registry.newest_run(session, sha256)


def rates(
    by: Annotated[str, typer.Option(help="pattern, line, batch or day.")] = "pattern",
    since: Since = None,
    until: Until = None,
) -> None:
    """Print defect rates: counted, estimated, and corrected by what people found.

    Example: `technopro rates --by day --since 2026-11-01`
    """
    from technopro import registry
    from technopro.commands.show import print_rates
    from technopro.plant import open_plant

    start = None if since is None else first_of("--since", since)
    end = None if until is None else last_of("--until", until)
    plant = open_plant()
    zone = ZoneInfo(plant.settings.timezone)
    with registry.unit_of_work(plant.engine) as session:
        rows = registry.rates(session, by, zone=zone, since=start, until=end)
    print_rates(by, rows)
