"""How fast the networks are on a GPU, on images in memory, as the product runs them.

    python benchmarks/gpu.py swin
    python benchmarks/gpu.py backbone

Each prints a table of medians with the least and the most of several times.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Annotated, cast

import numpy as np
import torch
import typer
from torch import nn

from technopro.features.extract import native_precision, open_extractor
from technopro.features.views import PICTURE, look
from technopro.pseudolabel.inputs import Machine, swin_logits
from technopro.pseudolabel.swin import build_swin
from technopro.settings import Settings

app = typer.Typer(add_completion=False)
Images = Annotated[int, typer.Option(help="In memory.")]
Times = Annotated[int, typer.Option(help="Of each, in turn.")]


@app.command()
def swin(images: Images = 4096, times: Times = 5) -> None:
    """Swin-T on normalised pictures of 224 pixels: eager, mixed, compiled."""
    device = torch.device("cuda")
    network = build_swin({"name": "swin_tiny_patch4_window7_224"}).to(device)
    pixels = torch.randn(images, 3, PICTURE, PICTURE)
    half = Machine(device, native_precision(device))
    runs: dict[str, tuple[nn.Module, Machine]] = {
        "32 bits": (network, Machine(device, torch.float32)),
        str(half.precision): (network, half),
        f"{half.precision}, compiled": (cast("nn.Module", torch.compile(network)), half),
    }
    _table(images, times, {k: partial(swin_logits, n, pixels, m) for k, (n, m) in runs.items()})
    _agree({k: swin_logits(n, pixels[:512], m) for k, (n, m) in runs.items()})


@app.command()
def backbone(
    images: Images = 256,
    times: Times = 5,
    size: Annotated[int, typer.Option(help="Pixels a side.")] = 512,
) -> None:
    """The frozen backbone and what is kept of its maps, in bytes from the CPU's memory."""
    device = torch.device("cuda")
    pixels = np.random.default_rng(0).integers(0, 256, (images, size, size, 3), np.uint8)
    extractor = open_extractor(Settings(_env_file=None).backbone, None, device)

    def run() -> None:
        look(extractor, pixels)
        torch.cuda.synchronize()

    _table(images, times, {f"{size} pixels, {extractor.precision}": run})


def _table(images: int, times: int, runs: dict[str, Callable[[], object]]) -> None:
    typer.echo(f"{torch.cuda.get_device_name()}, torch {torch.__version__}")
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(times + 1):
        for name, run in runs.items():
            began = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - began)
    typer.echo("| | images a second | from | to |\n|---|---|---|---|")
    for name, own in seconds.items():
        speeds = [images / one for one in own[1:]]
        typer.echo(f"| {name} | {np.median(speeds):.0f} | {min(speeds):.0f} | {max(speeds):.0f} |")


def _agree(logits: dict[str, np.ndarray]) -> None:
    first, *others = logits.items()
    for name, own in others:
        typer.echo(f"{name}: at most {np.abs(own - first[1]).max():.4f} from {first[0]}")


if __name__ == "__main__":
    app()
