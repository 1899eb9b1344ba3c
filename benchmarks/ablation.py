"""What each part of the rounds of pseudo-labelling is worth.

    python benchmarks/ablation.py run --results out --seeds 0,1,2,3,4
    python benchmarks/ablation.py table --results out

Seeds are fitted once a set; then the rounds run on them in every variant, and the ROC-AUC of the
Swin alone and of the blend is kept. Labels are read here, after everything is learned.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import torch
import typer
from drawn_set import drawn_set
from torch import nn
from torch.nn import functional as F

from technopro.decision.calibration import estimate_share
from technopro.evaluation.metrics import auc_of
from technopro.features.extract import Extractor, open_extractor
from technopro.learner.fitted import swin_reader
from technopro.learner.learn import SeedFit, cross_fitted, fit_seeds
from technopro.learner.opinions import better_blend, blended
from technopro.learner.plan import PLANS
from technopro.learner.prepare import learn_lens, prepare
from technopro.plant import use_threads
from technopro.pseudolabel.inputs import Machine, prepare_inputs
from technopro.pseudolabel.memory import NoMemory
from technopro.pseudolabel.rounds import RoundsPlan, run_rounds
from technopro.pseudolabel.student import Lesson, Loss, Teaching
from technopro.pseudolabel.swin import Recipe, initial_swin, swin_recipe
from technopro.report.tables import write_whole
from technopro.seeding.seed import Material
from technopro.settings import Settings

app = typer.Typer(no_args_is_help=True)
CPU = torch.device("cpu")
IMAGES, DEFECTS, SIZE = 128, 17, 256
HARD = ("cloth", "grain", "radial")  # on most others all find everything


def cross_entropy(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    return F.binary_cross_entropy_with_logits(logits, labels, reduction="none")


def one_sided(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """The original's loss: its reverse term is -p·log y alone, nothing on positive labels."""
    reverse = -torch.sigmoid(logits) * labels.log().clamp_min(-4.0)
    return cross_entropy(logits, labels) + 0.5 * reverse


def variants() -> dict[str, tuple[RoundsPlan, str]]:
    """Return rounds by name, and what the Swin starts from."""
    plan = PLANS["standard"].rounds.teaching

    def rounds(
        init: str = "packaged", selected: float = 1.0, loss: Loss = plan.loss
    ) -> tuple[RoundsPlan, str]:
        return RoundsPlan(Teaching(plan.steps, loss=loss, selected=selected)), init

    return {
        "cross entropy": rounds(loss=cross_entropy),
        "one-sided symmetric": rounds(loss=one_sided),
        "symmetric": rounds(),
        "symmetric, random start": rounds("random"),
        "symmetric, selection": rounds(selected=0.8),
    }


@app.command()
def run(
    results: Annotated[Path, typer.Option(help="Where figures are collected.")],
    seeds: Annotated[str, typer.Option(help="With commas.")] = "0,1,2,3,4",
    threads: int = 0,
) -> None:
    """Run every surface that has no figures yet."""
    use_threads(threads)
    results.mkdir(parents=True, exist_ok=True)
    extractor = open_extractor(Settings(_env_file=None).backbone, None, CPU)
    for seed in map(int, seeds.split(",")):
        for family in HARD:
            path = results / f"{family}-{seed}.json"
            if not path.exists():
                write_whole(path, json.dumps(measure(family, seed, extractor), indent=1).encode())
                typer.echo(f"{path.stem}: done")


def measure(family: str, seed: int, extractor: Extractor) -> list[dict[str, object]]:
    """Return a row a variant for one drawn surface."""
    with tempfile.TemporaryDirectory(prefix="technopro-ablation-") as scratch:
        folder = Path(scratch)
        images, label = drawn_set(
            folder / "set", family, images=IMAGES, defects=DEFECTS, size=SIZE, seed=2000 + seed
        )
        lens = learn_lens(images, extractor, seed)
        drawn = PLANS["standard"].drawn(IMAGES)
        material = prepare(images, lens, extractor, drawn, folder / "views", seed, lambda *_: None)
        fit = fit_seeds(material, np.full(IMAGES, np.nan), seed, lambda *_: None)
        lesson = _lesson(material, fit, folder)
        machine = Machine(CPU, extractor.precision)
        return [
            {"family": family, "seed": seed, **row}
            for row in _rows(fit, lesson, label, machine, seed)
        ]


def _lesson(material: Material, fit: SeedFit, folder: Path) -> Lesson:
    read = swin_reader(swin_recipe(CPU, None), fit.seeds)
    return Lesson(
        prepare_inputs(material.views, read, folder / "inputs"),
        prepare_inputs(material.drawn, read, folder / "drawn-inputs"),
        material.source,
    )


def _initial(recipe: Recipe, _fold: int) -> nn.Module:
    return initial_swin(recipe)


def _rows(
    fit: SeedFit, lesson: Lesson, label: np.ndarray, machine: Machine, seed: int
) -> Iterator[dict[str, object]]:
    def auc(score: np.ndarray) -> float:
        return auc_of(score[label == 0], score[label == 1])

    own, drawn = fit.heard.own.whole, fit.heard.drawn.whole
    nobody = np.full(len(label), np.nan)
    before = blended(own, nobody)(own)
    yield {"variant": "seeds alone", "blend": auc(before)}
    for name, (plan, init) in variants().items():
        recipe = {**swin_recipe(CPU, None), "init": init}
        outcome = run_rounds(
            lesson, before, nobody, estimate_share(before), partial(_initial, recipe), plan,
            machine, seed, lambda *_: None, NoMemory(),
        )  # fmt: skip
        whole = own | {"swin": outcome.logits}
        with_swin = blended(whole, nobody)
        gated = better_blend(
            whole, drawn | {"swin": cross_fitted(outcome.networks, lesson.drawn, machine)}, nobody
        )
        yield {
            "variant": name,
            "swin": auc(outcome.logits),
            "blend": auc(with_swin(whole)),
            "gated": auc(gated(whole)),
            "kept": "swin" in gated.weights,
            "rounds": len(outcome.history),
        }


@app.command()
def table(results: Annotated[Path, typer.Option(help="Where figures were collected.")]) -> None:
    """Print mean and spread of each variant."""
    rows = pd.DataFrame(
        [row for path in results.glob("*.json") for row in json.loads(path.read_text())]
    )
    figures = ["swin", "blend", "gated", "kept", "rounds"]
    order = list(dict.fromkeys(rows["variant"]))
    mean = rows.groupby("variant")[figures].mean().loc[order]
    by_seed = rows.groupby(["variant", "seed"])[["swin", "blend", "gated"]].mean()
    spread = by_seed.groupby("variant").std().loc[order].add_suffix(" sd")
    typer.echo(mean.join(spread).round(4).to_string())
    typer.echo(f"{rows['family'].nunique()} surfaces, {rows['seed'].nunique()} seeds")


if __name__ == "__main__":
    app()
