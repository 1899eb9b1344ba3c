"""How good a run was: ranking and decisions against the truth, with bootstrap intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score, average_precision_score, roc_auc_score

from technopro.errors import InputError
from technopro.results import Estimate

NOTHING = Estimate(float("nan"), float("nan"), float("nan"))


@dataclass(frozen=True)
class Measured:
    """One true pattern, or all pooled. Intervals are 90 %; NaN where one class is missing."""

    pattern: str
    images: int
    defects: int
    auc: Estimate
    average_precision: Estimate
    precision: float  # of decision `defect`
    recall: float
    caught: float  # share of the defects decided `defect` or `review`
    review: float  # share of all images put to a person
    accuracy: float
    tn: int
    fp: int
    fn: int
    tp: int


@dataclass(frozen=True)
class Evaluation:
    """All figures of one run."""

    rows: tuple[Measured, ...]  # by pattern, then `pooled`
    patterns_found: int
    patterns_true: int
    pattern_agreement: float  # adjusted Rand index
    without_prediction: int  # truth that no prediction has
    without_truth: int  # predictions that no truth has
    joined: pd.DataFrame  # image, truth_pattern, label, pattern, score, decision


def evaluate(
    predictions: pd.DataFrame, truth: pd.DataFrame, *, bootstrap: int = 1000, seed: int = 0
) -> Evaluation:
    """Compare predictions (as in predictions.csv) with truth (as from `read_truth`)."""
    joined = _join(predictions, truth)
    matched = joined.dropna(subset=["score", "label"])
    if matched.empty:
        raise InputError(
            "no id of the truth is the name of a predicted image; expected file names without "
            f"suffix, for example {predictions['image'].iloc[0] if len(predictions) else 'none'}"
        )
    rng = np.random.default_rng(seed)
    groups = [*matched.groupby("truth_pattern", sort=True), ("pooled", matched)]
    rows = [_measure(str(name), group, bootstrap, rng) for name, group in groups]
    return Evaluation(
        tuple(rows),
        matched["pattern"].nunique(),
        matched["truth_pattern"].nunique(),
        float(adjusted_rand_score(matched["truth_pattern"], matched["pattern"])),
        int(joined["score"].isna().sum()),
        int(joined["label"].isna().sum()),
        matched,
    )


def _join(predictions: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """Match by path without suffix, or by bare name where the truth gives bare names."""
    own = predictions.copy()
    own["id"] = own["image"].str.replace(r"\.[^./]+$", "", regex=True)
    if not truth["id"].str.contains("/").any():
        own["id"] = own["id"].str.rsplit("/", n=1).str[-1]
    wanted = own[own["id"].isin(truth["id"])]
    twice = wanted.loc[wanted["id"].duplicated(), "id"]
    if len(twice):
        raise InputError(
            f"{len(twice)} ids of the truth fit several images, the first is {twice.iloc[0]!r}; "
            "give paths relative to the image folder as ids"
        )
    other = truth.rename(columns={"pattern": "truth_pattern"})
    return own.merge(other, on="id", how="outer")


def _measure(name: str, group: pd.DataFrame, bootstrap: int, rng: np.random.Generator) -> Measured:
    label = group["label"].to_numpy(int)
    score = group["score"].to_numpy(float)
    flagged = (group["decision"] == "defect").to_numpy()
    caught = (group["decision"] != "ok").to_numpy()
    tp, fp = int((flagged & (label == 1)).sum()), int((flagged & (label == 0)).sum())
    fn, tn = int(label.sum()) - tp, int((label == 0).sum()) - fp
    auc, precision = _ranking(label, score, bootstrap, rng)
    return Measured(
        name,
        len(label),
        int(label.sum()),
        auc,
        average_precision=precision,
        precision=_ratio(tp, tp + fp),
        recall=_ratio(tp, tp + fn),
        caught=_ratio(int((caught & (label == 1)).sum()), int(label.sum())),
        review=float((group["decision"] == "review").mean()),
        accuracy=_ratio(tp + tn, len(label)),
        tn=tn,
        fp=fp,
        fn=fn,
        tp=tp,
    )


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")


def _ranking(
    label: np.ndarray, score: np.ndarray, bootstrap: int, rng: np.random.Generator
) -> tuple[Estimate, Estimate]:
    """ROC-AUC and average precision with stratified bootstrap intervals (Efron 1979)."""
    good, bad = score[label == 0], score[label == 1]
    if not len(good) or not len(bad):
        return NOTHING, NOTHING
    aucs = [
        auc_of(rng.choice(good, len(good)), rng.choice(bad, len(bad))) for _ in range(bootstrap)
    ]
    precisions = []
    for _ in range(bootstrap // 5):
        again = np.r_[rng.choice(good, len(good)), rng.choice(bad, len(bad))]
        precisions.append(average_precision_score(np.repeat([0, 1], [len(good), len(bad)]), again))
    return (
        _estimate(float(roc_auc_score(label, score)), aucs),
        _estimate(float(average_precision_score(label, score)), precisions),
    )


def auc_of(good: np.ndarray, bad: np.ndarray) -> float:
    """Return the probability that a defect scores higher than a good image, ties counting half."""
    ordered = np.sort(good)
    below = np.searchsorted(ordered, bad, "left") + np.searchsorted(ordered, bad, "right")
    return float(below.sum() / (2 * len(good) * len(bad)))


def auc_by_pattern(evaluation: Evaluation) -> dict[str, float]:
    """Return the ROC-AUC of each discovered pattern that holds both classes."""
    areas = {}
    for name, group in evaluation.joined.groupby("pattern"):
        if group["label"].nunique() == 2:
            areas[str(name)] = float(roc_auc_score(group["label"], group["score"]))
    return areas


def _estimate(value: float, resampled: list[float]) -> Estimate:
    low, high = np.quantile(resampled, [0.05, 0.95]) if resampled else (value, value)
    return Estimate(value, float(low), float(high))
