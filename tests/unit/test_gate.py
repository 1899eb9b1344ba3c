"""The promotion gate: what is no worse passes, what learned nothing does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from technopro.decision.gate import Opinion, compare, passed, standing
from technopro.pseudolabel.flight import Followed
from technopro.results import Estimate

RNG = np.random.default_rng(0)
DEFECT = np.arange(200) < 26
CHAMPION = Opinion(
    np.clip(np.where(DEFECT, 0.9, 0.05) + RNG.normal(0, 0.03, 200), 0, 1),
    Estimate(0.13, 0.10, 0.16),
    Estimate(0.98, 0.96, 0.99),
    separable=True,
)
ALIKE = replace(CHAMPION, scores=np.clip(CHAMPION.scores + RNG.normal(0, 0.03, 200), 0, 1))


def failed(challenger: Opinion, told: np.ndarray | None = None) -> list[str]:
    return [check.name for check in compare(CHAMPION, challenger, told) if not check.passed]


def test_a_challenger_that_is_alike_passes() -> None:
    checks = compare(CHAMPION, ALIKE)
    assert passed(checks)
    assert all(check.words for check in checks)


def test_one_that_learned_from_shuffled_labels_fails() -> None:
    for seed in range(20):
        shuffled = np.random.default_rng(seed).permutation(CHAMPION.scores)
        assert "agreement" in failed(replace(CHAMPION, scores=shuffled))


def test_one_that_finds_other_shares_fails() -> None:
    assert failed(replace(ALIKE, share=Estimate(0.3, 0.2, 0.4))) == ["share"]


def test_one_that_thinks_less_of_itself_fails() -> None:
    assert failed(replace(ALIKE, quality=Estimate(0.8, 0.7, 0.9))) == ["quality"]


def test_one_that_would_abstain_where_the_champion_judges_fails() -> None:
    lost = replace(ALIKE, separable=False)
    assert failed(lost) == ["separable"]
    assert passed(compare(replace(CHAMPION, separable=False), lost))


def test_verdicts_count_where_there_are_enough_of_both_kinds() -> None:
    told = np.full(200, np.nan)
    told[np.r_[:10, 100:110]] = DEFECT[np.r_[:10, 100:110]]
    mixed = ALIKE.scores.copy()
    mixed[:10] = 0.04  # the ten that a person called defects
    assert failed(ALIKE, told) == []
    assert "verdicts" in failed(replace(ALIKE, scores=mixed), told)
    told[:6] = np.nan  # four defects left: too few
    assert "verdicts" not in failed(replace(ALIKE, scores=mixed), told)


@pytest.mark.parametrize(
    ("scores", "again", "wrong"),
    [
        (np.full(50, 0.2), np.full(8, 0.2), ["scores"]),
        (np.r_[CHAMPION.scores[:49], np.nan], CHAMPION.scores[:8], ["scores"]),
        (CHAMPION.scores, CHAMPION.scores[:8] + 0.01, ["parity"]),
        (CHAMPION.scores, np.full(8, np.nan), ["parity"]),
        (CHAMPION.scores, CHAMPION.scores[:8], []),
    ],
    ids=["empty", "nan", "other weights", "broken weights", "sound"],
)
def test_a_model_alone_must_say_something_and_stand_by_it(
    scores: np.ndarray, again: np.ndarray, wrong: list[str]
) -> None:
    checks = standing(replace(CHAMPION, scores=scores), again)
    assert [check.name for check in checks if not check.passed] == wrong


@pytest.mark.parametrize(
    ("followed", "sound"),
    [(Followed(0.9, 1e-6), True), (Followed(0.51, 0.4), False), (None, True)],
    ids=["learned", "learned nothing", "no say"],
)
def test_swins_with_a_say_must_have_learned_what_they_were_taught(
    followed: Followed | None, sound: bool
) -> None:
    checks = standing(replace(CHAMPION, followed=followed), CHAMPION.scores[:8])
    assert [check.name for check in checks if not check.passed] == ([] if sound else ["labels"])
