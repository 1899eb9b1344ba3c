"""The head on drawn defects: what it learns from, what it reads, and what older models read."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from technopro.features.views import LEVELS, Views
from technopro.learner.opinions import opinions
from technopro.seeding.drawn import READ, DrawnSeed, FittedDrawn, build_head, position_vectors
from technopro.seeding.head import HeadPlan, fit_heads
from technopro.seeding.seed import Material
from technopro.seeding.synthetic import draw_defect, draw_defects
from tests.seed_material import make_material, make_views

ODD = 4.0  # spreads
LEFT_OUT = slice(0, 24)


def altered(view: Views, rows: slice, columns: slice, images: slice = slice(None)) -> Views:
    """The views with one channel of stride 8 far off at some places of some images."""
    finer = view.maps["s8"].clone()
    finer[images, rows, columns, 0] += ODD
    return replace(view, maps={**view.maps, "s8": finer})


@pytest.fixture
def material(tmp_path: Path) -> Material:
    """Drawn defects in one corner; the images left out have true ones like them in another."""
    view = altered(make_views(), slice(8, 16), slice(8, 16), LEFT_OUT)
    masks = np.zeros((60, *view.grid), np.float32)
    masks[:, :3, :3] = 1.0
    material = make_material(tmp_path, view, altered(view, slice(0, 3), slice(0, 3)), masks)
    keep = np.ones(60, bool)
    keep[LEFT_OUT] = False
    return replace(material, keep=keep)


def test_a_defect_of_an_original_left_out_is_not_learned_as_sound(material: Material) -> None:
    fitted = DrawnSeed().fit(material, seed=0)
    scores = opinions({"drawn": fitted}, material.views).whole["drawn"]
    assert scores[LEFT_OUT].min() > scores[24:].max()
    assert scores[LEFT_OUT].mean() > 5.0  # log odds: sure of it


def test_it_reads_the_finer_levels(material: Material) -> None:
    fitted = DrawnSeed().fit(material, seed=0)
    view = make_views(4, seed=1)
    coarse = replace(view, maps={**view.maps, "s32": view.maps["s32"] + 100.0})
    finer = replace(view, maps={**view.maps, "s16": view.maps["s16"] + 100.0})
    before = fitted.maps(view)["drawn"]
    assert torch.equal(fitted.maps(coarse)["drawn"], before)
    assert not torch.equal(fitted.maps(finer)["drawn"], before)


def test_a_restored_head_says_the_same(material: Material) -> None:
    fitted = DrawnSeed().fit(material, seed=0)
    view = make_views(4, seed=1)
    again = DrawnSeed().restore(fitted.tensors())
    assert again.reads == fitted.reads == ("s4", "s8", "s16")
    assert torch.equal(again.maps(view)["drawn"], fitted.maps(view)["drawn"])


def test_an_older_model_reads_all_levels(material: Material) -> None:
    vectors = partial(position_vectors, tuple(LEVELS))
    heads = fit_heads(material, vectors, HeadPlan(build_head, steps=5), seed=0)
    older = DrawnSeed().restore(heads.tensors())  # they did not tell which
    view = make_views(4, seed=1)
    now = FittedDrawn(heads, tuple(LEVELS))
    assert torch.equal(older.maps(view)["drawn"], now.maps(view)["drawn"])


def test_learning_under_noise_can_be_repeated(material: Material) -> None:
    def learned(noise: float, seed: int) -> np.ndarray:
        vectors = partial(position_vectors, READ)
        heads = fit_heads(material, vectors, HeadPlan(build_head, steps=5, noise=noise), seed)
        return heads.tensors()["0.0.weight"]

    assert np.array_equal(learned(0.6, 0), learned(0.6, 0))
    assert not np.array_equal(learned(0.6, 0), learned(0.0, 0))
    assert not np.array_equal(learned(0.6, 0), learned(0.6, 1))


def test_an_image_carries_three_defects() -> None:
    image = np.full((96, 96, 3), 120, np.uint8)
    one, two = np.random.default_rng(7), np.random.default_rng(7)
    again = draw_defect(draw_defect(draw_defect(image, one), one), one)
    assert np.array_equal(draw_defects(image, two), again)
    assert one.integers(1 << 30) == two.integers(1 << 30)  # and no chance was wasted
