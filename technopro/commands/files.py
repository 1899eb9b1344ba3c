"""Verbs that write files from the registry: tables for programs, a page for people."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from technopro.commands.dates import first_of, last_of
from technopro.commands.people import Since, Until


def export(
    what: Annotated[str, typer.Argument(help="predictions, rates, verdicts or audit.")],
    out: Annotated[Path, typer.Option(help="A file that ends with .csv or .parquet.")],
    since: Since = None,
    until: Until = None,
) -> None:
    """Write a table of everything that was recorded; times are UTC.

    Example: `technopro export predictions --out november.parquet --since 2026-11-01`

    Example: `technopro export audit --out audit.csv`
    """
    from technopro import registry
    from technopro.console import console
    from technopro.plant import open_plant
    from technopro.report.export import export
    from technopro.report.rows import FIRST, LAST, Between

    between = Between(
        FIRST if since is None else first_of("--since", since),
        LAST if until is None else last_of("--until", until),
    )
    with registry.unit_of_work(open_plant().engine) as session:
        count = export(session, what, out, between)
    console.print(f"{count} rows in {out}")


def report(
    out: Annotated[Path, typer.Option(help="A file that ends with .html.")],
    run: Annotated[str, typer.Option(help="A scoring run; newest is the newest.")] = "newest",
) -> None:
    """Write one night as a page to print: one file with everything in it.

    Example: `technopro report --out tonight.html`
    """
    from technopro.console import console
    from technopro.plant import open_plant
    from technopro.report.page import write_page

    run_id = write_page(open_plant(), out, None if run == "newest" else run)
    console.print(f"the night of run {run_id} is in {out}; open it in a browser, or print it")
