"""What people said of images, the rates that follow from it, and taking it all elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from technopro.commands.dates import first_of, last_of
from technopro.commands.history import Image, who
from technopro.errors import InputError

Since = Annotated[str | None, typer.Option(help="From this day or moment on.")]
Until = Annotated[str | None, typer.Option(help="Until this day or moment.")]


def verdict(
    image: Image,
    label: Annotated[str, typer.Argument(help="ok, defect or withdrawn.")],
    lane: Annotated[str, typer.Option(help="audit, review, unstable or other.")] = "other",
    reason: Annotated[str | None, typer.Option(help="Why.")] = None,
) -> None:
    """Say whether a part is defective, about its newest decision.

    Example: `technopro verdict line3/0042.png defect --reason "hairline scratch"`
    """
    from technopro import registry
    from technopro.console import console
    from technopro.plant import open_plant

    with registry.unit_of_work(open_plant().engine) as session:
        sha256 = registry.find_image(session, image)
        judged = registry.judgements(session, sha256)
        if not judged:
            raise InputError(f"no decision on {image} is recorded; score a batch that holds it")
        registry.give_verdict(
            session, judged[0].run_id, sha256, actor=who(), label=label, lane=lane, reason=reason
        )
        session.commit()
    console.print(f"{image}: {label}, decided {judged[0].decision} with {judged[0].score:.3f}")


def rates(
    by: Annotated[str, typer.Option(help="pattern, line, batch or day.")] = "pattern",
    since: Since = None,
    until: Until = None,
) -> None:
    """Show defect rates with their intervals, and as people's verdicts correct them.

    Example: `technopro rates --by day --since 2026-11-01`
    """
    from zoneinfo import ZoneInfo

    from technopro import registry
    from technopro.commands.show import print_rates
    from technopro.plant import open_plant

    plant = open_plant()
    with registry.unit_of_work(plant.engine) as session:
        print_rates(
            registry.rates(
                session,
                by,
                zone=ZoneInfo(plant.settings.timezone),
                since=None if since is None else first_of("--since", since),
                until=None if until is None else last_of("--until", until),
            )
        )


def export(
    what: Annotated[str, typer.Argument(help="predictions, rates, verdicts or audit.")],
    out: Annotated[Path, typer.Option(help="A file that ends in .csv or .parquet.")],
    since: Since = None,
    until: Until = None,
) -> None:
    """Write rows of the database to a CSV or Parquet file.

    Example: `technopro export predictions --out november.parquet --since 2026-11-01`
    """
    from technopro import registry
    from technopro.plant import open_plant
    from technopro.report.export import export as write
    from technopro.report.rows import FIRST, LAST, Between

    between = Between(
        FIRST if since is None else first_of("--since", since),
        LAST if until is None else last_of("--until", until),
    )
    with registry.unit_of_work(open_plant().engine) as session:
        count = write(session, what, out, between)
    typer.echo(f"{count} rows in {out}")
