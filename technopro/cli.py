"""The `technopro` command. Every verb imports what it needs when it is called."""

from __future__ import annotations

import re
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from technopro import __version__
from technopro.commands import files, history, people
from technopro.commands.alerts import alerts
from technopro.commands.database import db
from technopro.commands.given import check_source, one_of
from technopro.commands.lifecycle import pattern
from technopro.commands.nights import night, runs
from technopro.commands.score import score
from technopro.commands.upkeep import maintain
from technopro.errors import InputError, TechnoproError
from technopro.settings import Device, Profile

app = typer.Typer(
    name="technopro",
    help="Visual inspection of product surfaces without labels, retrained every night.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)


def main() -> NoReturn:
    """Run the command line; an error the product raises on purpose is one line on stderr."""
    for entry in entry_points(group="technopro.commands"):
        app.command(entry.name)(entry.load())
    for verb in (history.audit, history.replay, history.rollback, history.threshold):
        app.command()(verb)
    app.command()(maintain)
    for shown in (score, alerts, night, runs):
        app.command()(shown)
    for said in (people.verdict, people.rates, files.export, files.report):
        app.command()(said)
    app.add_typer(db)
    app.add_typer(pattern)
    try:
        app(standalone_mode=True)
    except TechnoproError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        sys.exit(130)
    sys.exit(0)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def synth(
    directory: Annotated[Path, typer.Argument(help="Where to draw.")],
    patterns: Annotated[int, typer.Option(help="How many product patterns.")] = 6,
    images: Annotated[int, typer.Option(help="Images a pattern, defects included.")] = 115,
    defects: Annotated[int | None, typer.Option(help="Defects a pattern.")] = None,
    share: Annotated[float | None, typer.Option(help="Defect share instead, 0 to 1.")] = None,
    size: Annotated[str, typer.Option(help="Pixels: 512, or HEIGHTxWIDTH.")] = "512",
    defect_size: Annotated[float, typer.Option(help="Multiplies the defects' lengths.")] = 1.0,
    contrast: Annotated[float, typer.Option(help="Multiplies the defects' strength.")] = 1.0,
    seed: Annotated[int, typer.Option(help="The same seed draws the same factory.")] = 0,
    masks: Annotated[bool, typer.Option("--masks", help="Also write the defects' masks.")] = False,
    nights: Annotated[int, typer.Option(help="How many nights.")] = 1,
    drift: Annotated[float, typer.Option(help="Drift of the first pattern by the last night.")] = 0,
    new_pattern: Annotated[
        bool, typer.Option("--new-pattern", help="A new pattern on the last night.")
    ] = False,
    families: Annotated[str | None, typer.Option(help="Only these, with commas.")] = None,
    kinds: Annotated[str | None, typer.Option(help="Only these defects, with commas.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace another set.")] = False,
) -> None:
    """Draw a factory night with known truth.

    Example: `technopro synth night --patterns 6 --images 115 --defects 15 --size 256`

    Example: `technopro synth clean --share 0 --families woven,striped`
    """
    from technopro.console import progress_bars
    from technopro.synth import write_factory

    if defects is None and share is None:
        share = 0.13
    with progress_bars() as progress:
        factory = write_factory(
            directory,
            patterns=patterns,
            images_per_pattern=images,
            defects_per_pattern=defects or 0,
            defect_share=share,
            size=_size(size),
            seed=seed,
            defect_size=defect_size,
            contrast=contrast,
            masks=masks,
            nights=nights,
            drift=drift,
            new_pattern=new_pattern,
            families=None if families is None else tuple(families.split(",")),
            kinds=None if kinds is None else tuple(kinds.split(",")),
            overwrite=overwrite,
            progress=lambda done, total: progress("drawing", done, total),
        )
    typer.echo(f"drew {factory.images} images, {factory.defects} with a defect, in {directory}")
    where = directory if nights == 1 else directory / "night-01"
    typer.echo(f"next: technopro inspect {where / 'images'} --out OUT")


def _size(text: str) -> int | tuple[int, int]:
    found = re.fullmatch(r"(\d+)(?:x(\d+))?", text)
    if not found:
        raise InputError(f"expected a size such as 512 or 256x4096, found {text!r}")
    height, width = found.groups()
    return (int(height), int(width)) if width else int(height)


@app.command()
def inspect(
    images: Annotated[str, typer.Argument(help="A folder (recursive) or s3://bucket/prefix.")],
    out: Annotated[Path, typer.Option(help="Where the results go.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same predictions.")] = 0,
    device: Annotated[
        str, typer.Option(help="auto (as TECHNOPRO_DEVICE says), cpu or cuda.")
    ] = "auto",
    profile: Annotated[str, typer.Option(help="quick or standard.")] = "standard",
    threads: Annotated[
        int, typer.Option(min=0, help="CPU threads; 0: as TECHNOPRO_THREADS says.")
    ] = 0,
    verdicts: Annotated[
        str | None, typer.Option(help="CSV of image and verdict (ok or defect), to learn from too.")
    ] = None,
) -> None:
    """Inspect unlabelled images, from nothing to decisions.

    Writes predictions.csv, quarantine.csv, summary.json and pictures.

    Example: `technopro inspect photos --out results`

    Example: `technopro inspect s3://line3/2026-11-23 --out results --profile quick`
    """
    from technopro.console import console, print_night, progress_bars
    from technopro.plant import Options, open_plant

    chosen = Options(
        seed,
        one_of(device, "--device", Device),
        one_of(profile, "--profile", Profile),
        threads,
        verdicts,
    )
    plant = open_plant()
    check_source(plant, images)
    console.print(f"inspecting {images}: device {device}, profile {profile}, seed {seed}")
    from technopro import pipeline

    with progress_bars() as progress:
        summary = pipeline.inspect(
            plant,
            images,
            out,
            chosen,
            progress=progress,
            announce=lambda plan: console.print(str(plan)),
        )
    print_night(summary)
    console.print(f"results in {out}; next: technopro up, and look at the dashboard")


@app.command()
def evaluate(
    out: Annotated[Path, typer.Argument(help="The folder that inspect wrote.")],
    truth: Annotated[Path, typer.Option(help="truth.csv, or a folder in MVTec AD layout.")],
) -> None:
    """Compare results with annotated truth: what annotation is for.

    Example: `technopro evaluate results --truth night/truth.csv`
    """
    from technopro.console import console
    from technopro.evaluation import print_evaluation, run_evaluation

    print_evaluation(run_evaluation(out, truth), console)
    console.print(f"written: {out / 'evaluation.csv'}, evaluation.json, evaluation.png")
