"""What the flight recorder says of a Swin that learned, and of one that could not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from technopro.pseudolabel.flight import Flight

COUNT = 60
FOLDS = np.arange(COUNT) % 2
LABELS = np.where(np.arange(COUNT) < 30, 0.0, np.where(np.arange(COUNT) < 56, np.nan, 1.0))


def flight(first: np.ndarray, said: np.ndarray) -> Flight:
    """Two rounds; each fold's Swin is right on images kept from it, and wrong on its own."""
    logits = np.stack([np.where(fold == FOLDS, said, -said) for fold in (0, 1)])
    later = np.where(np.isnan(first), np.nan, (said > np.median(said)) * 1.0)
    return Flight(np.stack([first, later]), np.zeros((2, COUNT)), np.stack([0 * logits, logits]))


def test_a_swin_that_says_what_it_was_taught_has_learned() -> None:
    said = np.nan_to_num(LABELS, nan=0.5) + np.random.default_rng(0).normal(0, 0.3, COUNT)
    followed = flight(LABELS, said).followed(FOLDS)
    free, rest = said[LABELS == 0], said[LABELS != 0]
    pairs = rest[:, None] > free[None, :]
    assert followed.auc == pytest.approx(pairs.mean())
    assert followed.learned


def test_labels_that_have_nothing_to_do_with_the_images_cannot_be_followed() -> None:
    rng = np.random.default_rng(1)
    said = rng.normal(size=COUNT)
    told = [flight(rng.permutation(LABELS), said).followed(FOLDS) for _ in range(1000)]
    assert np.mean([one.learned for one in told]) <= 0.02
    assert np.mean([one.auc for one in told]) == pytest.approx(0.5, abs=0.01)


def test_three_defects_that_stand_out_are_enough_where_the_middle_is_noise() -> None:
    said = np.random.default_rng(2).normal(size=COUNT)
    said[LABELS == 1] = 5.0
    followed = flight(LABELS, said).followed(FOLDS)
    alone = stats.mannwhitneyu(said[LABELS == 1], said[LABELS == 0], alternative="greater")
    assert followed.p == pytest.approx(2 * float(alone.pvalue))
    assert followed.learned


@pytest.mark.parametrize("label", [0.0, np.nan])
def test_where_nothing_was_told_apart_nothing_was_learned(label: float) -> None:
    followed = flight(np.full(COUNT, label), np.arange(COUNT) * 1.0).followed(FOLDS)
    assert (followed.auc, followed.p) == (0.5, 1.0)
    assert not followed.learned
