"""The verbs of the command line that need Prefect; found through entry points."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from technopro.errors import InputError


def demo(
    out: Annotated[Path, typer.Option(help="Where drawings and results go.")] = Path("demo"),
    images: Annotated[int, typer.Option(help="Images a pattern, defects included.")] = 60,
    defects: Annotated[int, typer.Option(help="Defects a pattern.")] = 8,
    size: Annotated[int, typer.Option(help="Pixels a side.")] = 256,
    seed: Annotated[int, typer.Option(help="The same seed draws the same night.")] = 0,
    profile: Annotated[str, typer.Option(help="quick or standard.")] = "quick",
) -> None:
    """Draw a small factory night and run it through the whole product.

    Example: `technopro demo`

    Example: `technopro demo --images 120 --defects 0 --profile standard`
    """
    from flows.demo import run

    if profile not in ("quick", "standard"):
        raise InputError(f"--profile: expected quick or standard, found {profile!r}")
    run(out, images, defects, size, seed, profile)  # type: ignore[arg-type]


def up(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    prefect_port: Annotated[int, typer.Option(help="Port of the Prefect server.")] = 4200,
    dashboard_port: Annotated[int, typer.Option(help="Port of the dashboard.")] = 8501,
) -> None:
    """Start Prefect server, worker and dashboard; deploy the nightly schedule.

    Example: `technopro up`

    Example: `TECHNOPRO_SOURCE=s3://line3 technopro up --dashboard-port 8600`
    """
    from flows.environment import prepare
    from technopro.settings import Settings

    settings = Settings()
    prepare(settings)
    from flows.up import run

    run(settings, host, prefect_port, dashboard_port)


def start(
    flow: Annotated[str, typer.Argument(help="nightly, new_pattern, score, retrain, …")],
    parameters: Annotated[
        list[str] | None, typer.Argument(help="name=value, values as text or JSON.")
    ] = None,
) -> None:
    """Start a flow on the running plant.

    Example: `technopro start new_pattern source=s3://line3/2026-11-25`

    Example: `technopro start retrain 'patterns=["p-3f2a91"]'`
    """
    from flows.environment import prepare
    from flows.start import start as start_flow
    from technopro.console import console
    from technopro.settings import Settings

    prepare(Settings(), PREFECT_LOGGING_LEVEL="CRITICAL")
    started = start_flow(flow, parameters or [])
    console.print(f"started {started.name}\n{started.page}", soft_wrap=True)


def doctor() -> None:
    """Check environment, weights, database, object store, Prefect and GPU.

    Example: `technopro doctor`
    """
    from flows.doctor import examine
    from technopro.console import console

    findings = examine()
    for finding in findings:
        console.print(
            f"{'fine ' if finding.fine else 'TO DO'}  {finding.what:<14} {finding.detail}"
        )
    if any(f.essential and not f.fine for f in findings):
        raise typer.Exit(1)
