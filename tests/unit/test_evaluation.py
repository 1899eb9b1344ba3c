import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from technopro.errors import InputError
from technopro.evaluation import (
    auc_by_pattern,
    calibration_error,
    evaluate,
    read_truth,
    reliability,
    run_evaluation,
)
from technopro.evaluation.metrics import auc_of


def predictions(count: int = 40, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    label = (np.arange(count) % 4 == 0).astype(int)
    score = np.clip(rng.normal(0.3 + 0.3 * label, 0.15), 0, 1).round(2)
    frame = pd.DataFrame(
        {
            "image": [f"a/{i:03}.png" for i in range(count)],
            "sha256": [f"{i:064x}" for i in range(count)],
            "pattern": ["p-1" if i < count // 2 else "p-2" for i in range(count)],
            "score": score,
            "decision": np.where(score > 0.5, "defect", np.where(score > 0.4, "review", "ok")),
            "model_version": "v",
        }
    )
    truth = pd.DataFrame(
        {
            "id": [f"{i:03}" for i in range(count)],
            "pattern": ["A" if i < count // 2 else "B" for i in range(count)],
            "label": label,
        }
    )
    return frame, truth


def test_figures_equal_those_of_scikit_learn_and_of_counting() -> None:
    frame, truth = predictions()
    pooled = evaluate(frame, truth, bootstrap=50).rows[-1]
    label, flagged = truth["label"].to_numpy(), (frame["decision"] == "defect").to_numpy()
    assert pooled.auc.estimate == pytest.approx(roc_auc_score(label, frame["score"]))
    assert pooled.tp == int((flagged & (label == 1)).sum())
    assert pooled.tn + pooled.fp + pooled.fn + pooled.tp == 40
    assert pooled.precision == pytest.approx(pooled.tp / flagged.sum())
    assert pooled.auc.low <= pooled.auc.estimate <= pooled.auc.high


def test_rank_area_counts_ties_half() -> None:
    rng = np.random.default_rng(1)
    good, bad = rng.integers(0, 5, 30).astype(float), rng.integers(2, 7, 20).astype(float)
    expected = roc_auc_score(np.repeat([0, 1], [30, 20]), np.r_[good, bad])
    assert auc_of(good, bad) == pytest.approx(expected)


def test_one_row_a_true_pattern_then_pooled() -> None:
    frame, truth = predictions()
    evaluation = evaluate(frame, truth, bootstrap=10)
    assert [r.pattern for r in evaluation.rows] == ["A", "B", "pooled"]
    assert evaluation.pattern_agreement == 1.0
    assert set(auc_by_pattern(evaluation)) == {"p-1", "p-2"}


def test_a_pattern_without_defects_has_no_area() -> None:
    frame, truth = predictions()
    truth.loc[truth["pattern"] == "A", "label"] = 0
    row = evaluate(frame, truth, bootstrap=10).rows[0]
    assert math.isnan(row.auc.estimate)
    assert math.isnan(row.recall)


def test_what_does_not_match_is_counted() -> None:
    frame, truth = predictions()
    evaluation = evaluate(frame.iloc[2:], truth.iloc[:-3], bootstrap=10)
    assert (evaluation.without_prediction, evaluation.without_truth) == (2, 3)


def test_ambiguous_names_are_refused() -> None:
    frame, truth = predictions()
    frame.loc[1, "image"] = "b/000.png"
    with pytest.raises(InputError, match="fit several images"):
        evaluate(frame, truth)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id,label\n1,0\n", "pattern"),
        ("id,pattern,label\n1,A,2\n", "labels 0 and 1"),
        ("id,pattern,label\n1,A,0\n1,A,1\n", "twice"),
    ],
)
def test_a_bad_truth_file_is_named(text: str, told: str, tmp_path: Path) -> None:
    file = tmp_path / "truth.csv"
    file.write_text(text)
    with pytest.raises(InputError, match=told):
        read_truth(file)


def test_mvtec_layout(tmp_path: Path) -> None:
    for name in (
        "train/good/0.png",
        "test/good/1.png",
        "test/crack/1.png",
        "ground_truth/crack/1.png",
    ):
        path = tmp_path / "bottle" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(b"")
    truth = read_truth(tmp_path / "bottle")
    assert truth["label"].tolist() == [1, 0, 0]
    assert set(truth["pattern"]) == {"bottle"}
    assert set(read_truth(tmp_path)["pattern"]) == {"bottle"}


def test_files_are_written(tmp_path: Path) -> None:
    frame, truth = predictions()
    frame.to_csv(tmp_path / "predictions.csv", index=False)
    truth.to_csv(tmp_path / "truth.csv", index=False)
    run_evaluation(tmp_path, tmp_path / "truth.csv")
    table = pd.read_csv(tmp_path / "evaluation.csv")
    assert table["pattern"].tolist() == ["A", "B", "pooled"]
    assert (tmp_path / "evaluation.png").stat().st_size > 10_000


def test_reliability_compares_scores_with_what_happened() -> None:
    """Scores drawn as probabilities are reliable; the same scores halved are not."""
    rng = np.random.default_rng(0)
    score = rng.beta(0.4, 1.6, 20_000)
    label = (rng.random(len(score)) < score).astype(int)
    table = reliability(label, score)
    assert table["images"].sum() == len(score)
    assert (table["score"] - table["defective"]).abs().max() < 0.06
    assert calibration_error(label, score) < 0.01
    assert calibration_error(label, score / 2) == pytest.approx(score.mean() / 2, abs=0.01)
