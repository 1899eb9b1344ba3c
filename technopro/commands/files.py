"""Verbs that write files from the registry: tables for programs, a page for people."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from technopro.commands.dates import first_of, last_of
from technopro.commands.given import one_of
from technopro.commands.history import who
from technopro.commands.people import Since, Until
from technopro.errors import InputError


def export(
    what: Annotated[str, typer.Argument(help="predictions, rates, verdicts, audit or model.")],
    out: Annotated[Path, typer.Option(help="A new .csv or .parquet file; of a model, a folder.")],
    since: Since = None,
    until: Until = None,
    pattern: Annotated[str | None, typer.Option(help="Whose champion is exported.")] = None,
    precision: Annotated[str, typer.Option(help="Of a model: auto, f32, bf16, int8.")] = "auto",
    runtime: Annotated[str, typer.Option(help="Of a model: openvino or onnx.")] = "openvino",
    threads: Annotated[int, typer.Option(min=0, help="CPU threads; 0 takes all cores.")] = 0,
) -> None:
    """Write a table of what was recorded (times are UTC), or a champion that runs without torch.

    A model is written only if it decides 500 images or more as torch does in 32 bits.

    Example: `technopro export predictions --out november.parquet --since 2026-11-01`

    Example: `technopro export audit --out audit.csv`

    Example: `technopro export model --pattern p-3f2a --out bracket-left`
    """
    if what == "model":
        _export_model(pattern, out, precision, runtime, threads)
        return
    if pattern is not None:
        raise InputError("--pattern goes with model")
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


def _export_model(
    pattern: str | None, out: Path, precision: str, runtime: str, threads: int
) -> None:
    from technopro.console import console, progress_bars
    from technopro.plant import open_plant

    if pattern is None:
        raise InputError("expected --pattern, whose champion is exported")
    from technopro.edge import Runtime
    from technopro.export.model import Precision, export_model

    with progress_bars() as progress:
        parity = export_model(
            open_plant(), pattern, out, threads,
            precision=one_of(precision, "--precision", Precision),
            runtime=one_of(runtime, "--runtime", Runtime), actor=who(), progress=progress,
        )  # fmt: skip
    console.print(
        f"{out}: {parity.precision}, {parity.milliseconds:.1f} ms an image here; all "
        f"{parity.images} images are decided as by torch in 32 bits, largest difference of a "
        f"score {parity.largest:.1e}; of {parity.recorded} decisions on record {parity.apart} "
        "differ"
    )


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
