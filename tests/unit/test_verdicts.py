"""Verdicts: read from a file, believed for the most part, off unless given."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from technopro.errors import InputError
from technopro.learner.opinions import blended
from technopro.learner.verdicts import TRUST, read_verdicts
from technopro.results import ImageRecord
from technopro.seeding.combine import agreement
from technopro.seeding.places import ADDED, PLACES

RECORDS = [ImageRecord(f"line/{i}.png", f"{i:064x}", "", 1, 1, 1, "PNG") for i in range(3)]


def write(path: Path, text: str) -> Path:
    (path / "verdicts.csv").write_text(text)
    return path / "verdicts.csv"


def test_verdicts_become_soft_labels(tmp_path: Path) -> None:
    path = write(tmp_path, "image,verdict,who\nline/0.png,defect,a\nline/2.png,ok,b\n")
    told = read_verdicts(path, RECORDS)
    assert told == {f"{0:064x}": TRUST, f"{2:064x}": pytest.approx(1 - TRUST)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "image,label\nline/0.png,1\n",
            "expected the columns image and verdict, found image, label",
        ),
        ("image,verdict\nline/0.png,maybe\n", "expected the verdicts ok and defect, found 'maybe'"),
        ("image,verdict\nline/9.png,ok\n", "1 of 1 images are not in the batch"),
        ("image,verdict\nline/0.png,ok\nline/0.png,defect\n", "both ok and defect"),
    ],
)
def test_a_bad_file_is_a_clear_error(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said):
        read_verdicts(write(tmp_path, text), RECORDS)


def test_a_missing_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_verdicts(tmp_path / "none.csv", RECORDS)


def test_verdicts_decide_between_opinions_that_disagree() -> None:
    """The reference shares an error with one; what a person said of twenty images outweighs it."""
    rng = np.random.default_rng(0)
    bad = np.arange(200) < 20
    false = np.arange(200) >= 180
    right = rng.normal(size=200) + 4 * bad
    wrong = rng.normal(size=200) + 4 * false
    reference = wrong + rng.normal(size=200)
    told = np.full(200, np.nan)
    told[:10], told[185:195] = TRUST, 1 - TRUST
    assert agreement(right, reference) < agreement(wrong, reference)
    assert agreement(right, reference, told) > agreement(wrong, reference, told)


def test_verdicts_that_confirm_the_reference_change_nothing() -> None:
    """They are no reason to call further parts suspicious."""
    rng = np.random.default_rng(0)
    score, reference = rng.normal(size=200), rng.normal(size=200)
    order = np.argsort(-reference)
    told = np.full(200, np.nan)
    told[order[:15]], told[order[30:35]] = TRUST, 1 - TRUST
    assert agreement(score, reference, told) == agreement(score, reference)


def test_a_verdict_that_contradicts_the_reference_counts_three_times() -> None:
    """Reckoned by hand: a defect that was called usual, and a sound part that was called odd."""
    reference = np.arange(20.0)
    told = np.full(20, np.nan)
    told[0], told[19] = TRUST, 1 - TRUST
    score = np.zeros(20)
    score[0] = score[19] = 1.0
    # defects by then: 0 (three times), 15 to 18; 19 is one of 14 sound ones and 3 more
    pairs = 3 * (0.5 * 3 + 14) + 4 * (0.5 * 14)
    assert agreement(score, reference, told) == pytest.approx(pairs / (7 * 17))


def test_all_the_worst_called_ok_leaves_weights_that_are_numbers() -> None:
    rng = np.random.default_rng(0)
    own = {name: rng.normal(size=60) for name in (*ADDED, PLACES, "swin")}
    told = np.full(60, np.nan)
    told[np.argsort(-own[PLACES])[:16]] = 1 - TRUST
    combination = blended(own, told)
    assert all(np.isfinite(list(combination.skill.values())))
    assert sum(combination.weights.values()) == pytest.approx(1.0)
