"""Judging new images by the models there are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from technopro.commands.given import check_source, one_of
from technopro.errors import InputError
from technopro.settings import Device


def score(
    images: Annotated[
        str | None, typer.Argument(help="A folder (recursive) or s3://bucket/prefix.")
    ] = None,
    batch: Annotated[
        int | None, typer.Option(min=1, help="Instead: images taken in before, by number.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Also write the results there.")] = None,
    line: Annotated[str | None, typer.Option(help="Production line the images are from.")] = None,
    seed: Annotated[int, typer.Option(help="Of the intervals.")] = 0,
    device: Annotated[
        str, typer.Option(help="auto (as TECHNOPRO_DEVICE says), cpu or cuda.")
    ] = "auto",
    threads: Annotated[
        int, typer.Option(min=0, help="CPU threads; 0: as TECHNOPRO_THREADS says.")
    ] = 0,
) -> None:
    """Judge what is new in a folder or bucket by the present champions; nothing is learned.

    Example: `technopro score s3://line3/2026-11-24`

    Example: `technopro score --batch 12 --out results`
    """
    from technopro import registry
    from technopro.commands.show import print_recorded
    from technopro.console import console, progress_bars
    from technopro.plant import Options, open_plant

    if (images is None) == (batch is None):
        raise InputError("expected either IMAGES, a folder or s3://bucket/prefix, or --batch")
    if batch is not None and line is not None:
        raise InputError("--line goes with IMAGES: a batch keeps the line it was taken in with")
    options = Options(seed, one_of(device, "--device", Device), threads=threads)
    plant = open_plant()
    if images is not None:
        check_source(plant, images)
    from technopro import pipeline

    with progress_bars() as progress:
        if images is not None:
            batch = pipeline.ingest(
                plant, images, line=line, progress=progress, announce=console.print
            )
        assert batch is not None  # noqa: S101 - one of both was given
        run = pipeline.still_holds(plant, batch, options)
        if run is None:
            run = pipeline.score(plant, batch, options, progress=progress)
        else:
            console.print(f"batch {batch}: nothing has changed since run {run} judged it")
    with registry.unit_of_work(plant.engine) as session:
        print_recorded(session, registry.nights(session, run_id=run)[0])
    if out is not None:
        pipeline.write_night(plant, run, out)
        console.print(f"results in {out}")
    console.print("next: technopro up, and look at the dashboard")
