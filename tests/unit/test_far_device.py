"""What computes does so on any device: here on one that only pretends to be none of the CPU."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from far_device import elsewhere
from seed_material import make_material, make_views
from torch import nn

from technopro.features.device import moved
from technopro.features.engine import by_torch, open_engine
from technopro.features.extract import Extractor
from technopro.features.scratch import RowFile
from technopro.features.views import FINEST, Views, fit_lens, look
from technopro.learner.fitted import Swins
from technopro.learner.opinions import opinions
from technopro.patterns.discover import embed
from technopro.pseudolabel.inputs import Inputs, Machine
from technopro.pseudolabel.student import Lesson, Student, Teaching
from technopro.pseudolabel.swin import GRID, initial_swin, swin_recipe
from technopro.results import Backbone
from technopro.seeding import autoencoder, bank, drawn
from technopro.seeding.autoencoder import AutoencoderSeed
from technopro.seeding.bank import GaussianBank
from technopro.seeding.drawn import DrawnSeed
from technopro.seeding.gaussian import GaussianSeed
from technopro.seeding.mixture import MixtureSeed
from technopro.seeding.seed import Seed

SOME = (GaussianSeed("pooled"), GaussianSeed("patch", "s8", 3), GaussianSeed("place", "s16", 1))
BANK = GaussianBank(SOME, mixtures=(MixtureSeed("s8", 1, 4),))


@pytest.fixture
def far() -> Iterator[torch.device]:
    with elsewhere() as device:
        yield device


@pytest.fixture(autouse=True)
def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autoencoder, "STEPS", 2)
    monkeypatch.setattr(bank, "FUSION", replace(bank.FUSION, steps=2))
    monkeypatch.setattr(drawn, "PERCEPTRON", replace(drawn.PERCEPTRON, steps=2))


def test_what_lies_elsewhere_does_not_mix_with_what_is_here(far: torch.device) -> None:
    there, here = torch.ones(3, device=far), torch.ones(3)
    assert (there + 1).cpu().tolist() == [2, 2, 2]
    with pytest.raises(RuntimeError, match="on one device"):
        there + here
    with pytest.raises(RuntimeError, match="on one device"):
        torch.zeros(3)[torch.tensor([True] * 3)] = there
    with pytest.raises((TypeError, RuntimeError)):
        there.numpy()


@pytest.mark.parametrize("seed", [BANK, AutoencoderSeed(), DrawnSeed()], ids=lambda s: s.name)
def test_a_seed_is_the_same_wherever_it_was_fitted(seed: Seed, tmp_path: Path) -> None:
    views = make_views(24)
    here = fitted(seed, views, tmp_path / "here")
    with elsewhere() as device:
        there = fitted(seed, replace(moved(views, device), folds=views.folds), tmp_path / "there")
    assert here.keys() == there.keys()
    for name, values in here.items():
        np.testing.assert_array_equal(values, there[name], err_msg=name)


def fitted(seed: Seed, views: Views, folder: Path) -> dict[str, np.ndarray]:
    """All that a seed became, and what it says of its images; the same where it was restored."""
    masks = np.zeros((len(views), *views.grid), np.float32)
    masks[:, 3:6, 3:6] = 1
    material = make_material(folder, views, masks=masks)
    known = seed.fit(material, 0)
    tensors = known.tensors()
    said = opinions({seed.name: known}, material.views).whole
    again = moved(seed.restore(tensors), views.pooled.device)
    for name, values in opinions({seed.name: again}, material.views).whole.items():
        np.testing.assert_array_equal(values, said[name])
    return {**tensors, **said}


def test_pictures_are_looked_at_elsewhere(far: torch.device) -> None:
    torch.manual_seed(0)
    stages = [nn.Conv2d(3, 4, 4, 4), nn.AvgPool2d(2), nn.AvgPool2d(2), nn.AvgPool2d(2)]
    pixels = np.random.default_rng(0).integers(0, 255, (6, 64, 96, 3)).astype(np.uint8)
    folds = torch.arange(6) % 2
    seen = []
    own, other = _Stages(*stages), _Stages(*deepcopy(stages))
    ours, theirs = by_torch(own), open_engine(other, far, torch.float32)
    for device, run in ((torch.device("cpu"), ours), (far, theirs)):
        extractor = Extractor(run, Backbone("none", "", ""), device, torch.float32)
        raw = look(extractor, pixels)
        views = fit_lens(raw, 0).views(raw, folds)
        seen.append((embed(extractor.stages(pixels)), views.pooled.cpu(), views.maps[FINEST].cpu()))
    for here, there in zip(*seen, strict=True):
        np.testing.assert_array_equal(here, there)


class _Stages(nn.Module):
    """Every stage of a network."""

    def __init__(self, *stages: nn.Module) -> None:
        super().__init__()
        self.stages = nn.ModuleList(stages)

    @torch.inference_mode()
    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        out = []
        for stage in self.stages:
            out.append(x := stage(x))
        return out


def test_a_swin_learns_and_scores_elsewhere(far: torch.device, tmp_path: Path) -> None:
    recipe = swin_recipe(torch.device("cpu"), None)
    rows = RowFile(tmp_path / "rows")
    rows.append(np.random.default_rng(0).normal(size=(12, recipe["in_chans"], GRID, GRID)))
    inputs = Inputs(rows, np.arange(12) % 2)
    lesson = Lesson(inputs, inputs, np.arange(12))
    labels = np.where(np.arange(12) < 3, 1.0, 0.0)
    said = []
    for device in (torch.device("cpu"), far):
        machine = Machine(device, torch.float32)
        torch.manual_seed(0)
        student = Student(lesson, Teaching(steps=1, batch=8), machine, initial_swin(recipe), 0, 0)
        student.learn(labels)
        swins = Swins(recipe, (student.network,) * 2)
        read = inputs.read(np.arange(12)).to(device)
        said.append((student.logits(), swins.logits(read, torch.from_numpy(inputs.folds), machine)))
    for here, there in zip(*said, strict=True):
        np.testing.assert_allclose(here, there, atol=1e-4)
