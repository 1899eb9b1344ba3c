"""What twenty verdicts add to the next night, and what wrong ones among them take away.

    python benchmarks/verdicts.py --surfaces radial,grain,moire --seeds 0,1,2 --results out

A set is judged; people are asked of its twelve worst parts and eight of the next 38. The same set
is learned again, with their answers and with two of them wrong. ROC-AUC counts the other images
only. Labels are read as verdicts of the twenty, and to measure.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer
from accuracy import Cell, draw
from sklearn.metrics import roc_auc_score

from technopro import pipeline
from technopro.evaluation import evaluate_files
from technopro.plant import Options, open_plant
from technopro.report.tables import write_whole
from technopro.settings import Settings

WORST, BELOW, OF_NEXT, WRONG = 12, 8, 38, 2
IMAGES, SHARE, SIZE = 200, 0.13, 256
WORDS = np.array(["ok", "defect"])


def main(
    results: Annotated[Path, typer.Option(help="Where figures are collected.")],
    surfaces: Annotated[str, typer.Option(help="With commas.")] = "radial,grain,moire",
    seeds: Annotated[str, typer.Option(help="With commas.")] = "0,1,2",
) -> None:
    """Measure every set that has no figures yet, and print all."""
    results.mkdir(parents=True, exist_ok=True)
    for seed in map(int, seeds.split(",")):
        for surface in surfaces.split(","):
            file = results / f"{surface}-{seed}.json"
            if not file.exists():
                row = measure(surface, seed)
                write_whole(file, json.dumps({"surface": surface, "seed": seed, **row}).encode())
    rows = pd.DataFrame(json.loads(path.read_text()) for path in sorted(results.glob("*.json")))
    print(rows.round(4).to_string(index=False))
    print(rows.groupby("surface").mean(numeric_only=True).round(4).to_string())


def measure(surface: str, seed: int) -> dict[str, float]:
    """Return the ROC-AUC of the images not asked about: without, with, and with wrong verdicts."""
    with tempfile.TemporaryDirectory(prefix="technopro-benchmark-") as scratch:
        root = Path(scratch)
        source = draw(
            Cell("verdicts", (surface,), IMAGES, SHARE, SIZE, seed, "standard"), root / "set"
        )
        judged = _judged(root / "without", source, seed)
        random = np.random.default_rng(seed)
        asked = judged.iloc[_asked(random)]
        answers = asked["label"].to_numpy(int)
        wrong = answers.copy()
        wrong[random.choice(len(wrong), WRONG, replace=False)] ^= 1
        others = judged["image"][~judged["image"].isin(asked["image"])]
        found = {"defects_asked": float(answers.sum()), "without": _auc(judged, others)}
        for name, said in (("with", answers), ("two_wrong", wrong)):
            told = root / f"{name}.csv"
            pd.DataFrame({"image": asked["image"], "verdict": WORDS[said]}).to_csv(
                told, index=False
            )
            found[name] = _auc(_judged(root / name, source, seed, str(told)), others)
    return found


def _judged(folder: Path, source: Path, seed: int, verdicts: str | None = None) -> pd.DataFrame:
    """Inspect a set from nothing; returns its images, worst first, with their labels."""
    plant = open_plant(Settings(home=folder / "home", _env_file=None))
    options = Options(seed=seed, device="cpu", verdicts=verdicts)
    pipeline.inspect(plant, str(source / "images"), folder / "out", options)
    joined = evaluate_files(folder / "out", source / "truth.csv").joined
    return joined.sort_values("score", ascending=False, kind="stable")


def _asked(random: np.random.Generator) -> np.ndarray:
    below = WORST + random.choice(OF_NEXT, BELOW, replace=False)
    return np.concatenate([np.arange(WORST), np.sort(below)])


def _auc(judged: pd.DataFrame, others: pd.Series) -> float:
    left = judged[judged["image"].isin(others)]
    return float(roc_auc_score(left["label"], left["score"]))


if __name__ == "__main__":
    typer.run(main)
