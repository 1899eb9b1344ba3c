"""An evaluation as table, CSV, JSON and plots."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.figure import Figure
from sklearn.metrics import precision_recall_curve, roc_curve

from technopro.errors import InputError
from technopro.evaluation.metrics import Evaluation, evaluate
from technopro.evaluation.truth import read_truth

if TYPE_CHECKING:
    from rich.console import Console

GOOD, BAD = "#0072B2", "#D55E00"  # Okabe-Ito blue and vermilion


def run_evaluation(out: Path, truth: Path) -> Evaluation:
    """Compare OUT/predictions.csv with the truth and write the result into OUT."""
    evaluation = evaluate_files(out, truth)
    write_evaluation(evaluation, out)
    return evaluation


def evaluate_files(out: Path, truth: Path) -> Evaluation:
    """Compare OUT/predictions.csv with the truth; raises InputError where either is missing."""
    file = out / "predictions.csv"
    if not file.is_file():
        raise InputError(f"no predictions.csv in {out}; run `technopro inspect` first")
    predictions = pd.read_csv(file, dtype={"image": str, "pattern": str})
    return evaluate(predictions, read_truth(truth))


def write_evaluation(evaluation: Evaluation, out: Path) -> None:
    """Write evaluation.csv, evaluation.json and evaluation.png into `out`."""
    table = pd.json_normalize([asdict(row) for row in evaluation.rows], sep="_")
    table.columns = [c.removesuffix("_estimate") for c in table.columns]
    table.to_csv(out / "evaluation.csv", index=False, float_format="%.6f", lineterminator="\n")
    facts = {
        "patterns_found": evaluation.patterns_found,
        "patterns_true": evaluation.patterns_true,
        "pattern_agreement": evaluation.pattern_agreement,
        "without_prediction": evaluation.without_prediction,
        "without_truth": evaluation.without_truth,
        "rows": json.loads(table.to_json(orient="records")),
    }
    (out / "evaluation.json").write_text(json.dumps(facts, indent=2) + "\n")
    _plot(evaluation).savefig(out / "evaluation.png", dpi=110)


def _plot(evaluation: Evaluation) -> Figure:
    """A row a pattern: ROC curve, precision-recall curve, scores by label."""
    frame = evaluation.joined
    names = [row.pattern for row in evaluation.rows]
    figure = Figure(figsize=(12, 2.6 * len(names)), layout="constrained")
    axes = figure.subplots(len(names), 3, squeeze=False)
    for row, (roc, curve, histogram) in zip(evaluation.rows, axes, strict=True):
        own = frame if row.pattern == "pooled" else frame[frame["truth_pattern"] == row.pattern]
        label, score = own["label"].to_numpy(int), own["score"].to_numpy(float)
        bins = [i / 40 for i in range(41)]
        histogram.hist(
            [score[label == 0], score[label == 1]], bins, color=[GOOD, BAD], stacked=True
        )
        histogram.set(yscale="log", xlabel="score", ylabel="images", title="blue fine, red defect")
        roc.set(xlabel="false alarms", ylabel="found", title=f"{row.pattern}: ROC")
        curve.set(xlabel="recall", ylabel="precision", title="precision and recall", ylim=(0, 1.03))
        if 0 < row.defects < row.images:
            fall, found, _ = roc_curve(label, score)
            roc.plot(fall, found, color=GOOD)
            roc.set_title(f"{row.pattern}: ROC, area {row.auc.estimate:.3f}")
            precision, recall, _ = precision_recall_curve(label, score)
            curve.plot(recall, precision, color=GOOD)
    return figure


def print_evaluation(evaluation: Evaluation, console: Console) -> None:
    """Print the figures as a table."""
    from rich.table import Table

    table = Table(title="Against the truth (90 % intervals)")
    for column in ("pattern", "images", "defects", "ROC-AUC", "average precision", "precision",
                   "recall", "caught with review", "accuracy", "tn fp fn tp"):  # fmt: skip
        table.add_column(column, justify="left" if column == "pattern" else "right")
    for r in evaluation.rows:
        table.add_row(
            r.pattern,
            str(r.images),
            str(r.defects),
            f"{_show(r.auc.estimate)} ({_show(r.auc.low)}–{_show(r.auc.high)})",
            _show(r.average_precision.estimate),
            _show(r.precision),
            _show(r.recall),
            _show(r.caught),
            _show(r.accuracy),
            f"{r.tn} {r.fp} {r.fn} {r.tp}",
        )
    console.print(table)
    console.print(
        f"patterns: {evaluation.patterns_found} found, {evaluation.patterns_true} true, adjusted "
        f"Rand index {evaluation.pattern_agreement:.3f}"
    )
    if evaluation.without_prediction or evaluation.without_truth:
        console.print(
            f"left out: {evaluation.without_prediction} truths without prediction, "
            f"{evaluation.without_truth} predictions without truth"
        )


def _show(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"
