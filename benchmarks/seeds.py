"""What the seeds rank by themselves, without rounds, with other mixtures in the bank.

    python benchmarks/seeds.py run --results out --seeds 0 --mixtures s4:3:8,s8:3:32
    python benchmarks/seeds.py table --results out

A set is drawn, looked at and fitted once a design; the ROC-AUC of every opinion and of their blend
is kept, and how long the bank took. Labels are read here, after everything is learned. A mixture is
stride:window:components.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Annotated

import numpy as np
import pandas as pd
import torch
import typer
from accuracy import HELD_OUT
from drawn_set import drawn_set

from technopro.evaluation.metrics import auc_of
from technopro.features.extract import Extractor, open_extractor
from technopro.learner.learn import trimmed
from technopro.learner.opinions import blended, hear
from technopro.learner.plan import PLANS
from technopro.learner.prepare import learn_lens, prepare
from technopro.plant import use_threads
from technopro.report.tables import write_whole
from technopro.seeding.autoencoder import AutoencoderSeed
from technopro.seeding.bank import GaussianBank
from technopro.seeding.drawn import DrawnSeed
from technopro.seeding.mixture import MixtureSeed
from technopro.seeding.seed import FittedSeed
from technopro.settings import Settings
from technopro.synth import families

app = typer.Typer(no_args_is_help=True)
IMAGES, DEFECTS, SIZE = 345, 45, 512  # as `accuracy.py` draws


@app.command()
def run(
    results: Annotated[Path, typer.Option(help="Where figures are collected.")],
    seeds: Annotated[str, typer.Option(help="With commas.")] = "0",
    surfaces: Annotated[str, typer.Option(help="With commas; else all but the held out.")] = "",
    mixtures: Annotated[str, typer.Option(help="With commas.")] = "s4:3:24,s8:5:32,s16:1:16",
    threads: int = 0,
) -> None:
    """Run every set that has no figures of this design yet."""
    use_threads(threads)
    results.mkdir(parents=True, exist_ok=True)
    extractor = open_extractor(Settings(_env_file=None).backbone, None, torch.device("cpu"))
    kinds = tuple(_mixture(text) for text in mixtures.split(","))
    design = "+".join(kind.name for kind in kinds)
    for seed in map(int, seeds.split(",")):
        for family in surfaces.split(",") if surfaces else families():
            path = results / f"{family}-{seed}-{design}.json"
            if path.exists() or (family in HELD_OUT and not surfaces):
                continue
            figures = measure(family, seed, GaussianBank(mixtures=kinds), extractor)
            row = {"surface": family, "seed": seed, "design": design, **figures}
            write_whole(path, json.dumps(row, indent=1).encode())
            typer.echo(json.dumps(row))


def _mixture(text: str) -> MixtureSeed:
    try:
        level, window, components = text.split(":")
        return MixtureSeed(level, int(window), int(components))
    except ValueError as error:
        raise typer.BadParameter(f"expected such as s8:3:32, found {text!r}") from error


def measure(family: str, seed: int, bank: GaussianBank, extractor: Extractor) -> dict[str, float]:
    """Return the ROC-AUC of each opinion and blend on one drawn surface, and the bank's seconds."""
    with tempfile.TemporaryDirectory(prefix="technopro-seeds-") as scratch:
        folder = Path(scratch)
        images, label = drawn_set(
            folder / "set", family, images=IMAGES, defects=DEFECTS, size=SIZE, seed=1000 + seed
        )
        lens = learn_lens(images, extractor, seed)
        count = PLANS["standard"].drawn(len(label))
        material = prepare(images, lens, extractor, count, folder / "views", seed, lambda *_: None)
        material = trimmed(material, seed)
        began = perf_counter()
        fitted: dict[str, FittedSeed] = {"bank": bank.fit(material, seed)}
        seconds = perf_counter() - began
        for kind in (AutoencoderSeed(), DrawnSeed()):
            fitted[kind.name] = kind.fit(material, seed)
        nobody = np.full(len(label), np.nan)
        own = dict(hear(fitted, material.views, material.drawn, nobody).own.whole)
    own["blend"] = blended(own, nobody)(own)
    aucs = {name: auc_of(score[label == 0], score[label == 1]) for name, score in own.items()}
    return {**aucs, "bank_s": seconds}


@app.command()
def table(results: Annotated[Path, typer.Option(help="Where figures were collected.")]) -> None:
    """Print every row, and the mean of each design over the surfaces and seeds that all have."""
    rows = pd.DataFrame([json.loads(path.read_text()) for path in results.glob("*.json")])
    if rows.empty:
        raise typer.BadParameter(f"no figures in {results}; run some surfaces first")
    rows = rows.sort_values(["design", "surface", "seed"])
    typer.echo(rows.round(4).to_string(index=False))
    designs = rows["design"].nunique()
    common = rows.groupby(["surface", "seed"]).filter(lambda own: len(own) == designs)
    figures = common.columns.difference(["surface", "seed", "design"])
    typer.echo(common.groupby("design")[list(figures)].mean().round(4).T.to_string())


if __name__ == "__main__":
    app()
