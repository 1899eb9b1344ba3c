"""What the small Swin reads, and what it starts as."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open

from technopro.learner.plan import enough
from technopro.pseudolabel.inputs import Machine, swin_logits
from technopro.pseudolabel.swin import (
    CHECKPOINT,
    GRID,
    PACKAGED,
    build_swin,
    healed,
    initial_swin,
    map_input,
    swin_recipe,
)
from technopro.seeding.seed import worst_positions

RECIPE = swin_recipe(torch.device("cpu"), None)


def test_the_worst_position_of_any_shape_is_seen() -> None:
    for height, width in ((64, 64), (28, 144), (200, 20), (16, 16)):
        maps = torch.zeros(1, height, width, 2)
        maps[0, height // 3, width * 2 // 3, 1] = 5.0
        read = map_input(maps)
        assert read.shape == (1, 2, GRID, GRID)
        assert float(read.max()) > 2.5


def test_untrained_it_ranks_as_the_worst_of_its_mean_map() -> None:
    x = torch.randn(12, RECIPE["in_chans"], GRID, GRID, generator=torch.Generator().manual_seed(0))
    torch.manual_seed(0)
    network = build_swin(RECIPE).eval()
    with torch.inference_mode():
        logits = network(x)[:, 0].numpy()
    assert np.array_equal(np.argsort(logits), np.argsort(worst_positions(x.mean(1)).numpy()))


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_a_logit_does_not_depend_on_its_company(precision: torch.dtype) -> None:
    """To the last bit, in any number of others: a score is computed again years later, alone."""
    x = torch.randn(41, RECIPE["in_chans"], GRID, GRID, generator=torch.Generator().manual_seed(0))
    torch.manual_seed(0)
    network = initial_swin(RECIPE)
    machine = Machine(torch.device("cpu"), precision)
    together = swin_logits(network, x, machine)
    for few in (x[40:], x[30:], x[16:]):
        np.testing.assert_array_equal(swin_logits(network, few, machine), together[-len(few) :])


def test_a_pattern_needs_images_in_both_folds() -> None:
    even, odd = "00000000" + 56 * "0", "00000001" + 56 * "0"
    assert enough([even] * 12 + [odd] * 4)
    assert not enough([even] * 13 + [odd] * 3)
    assert not enough([even] * 8 + [odd] * 7)


def test_the_packaged_checkpoint_is_the_one_on_record() -> None:
    recipe = swin_recipe(torch.device("cpu"), None)
    record = (Path(__file__).parents[2] / "docs/decisions/0012-packaged-swin.md").read_text()
    assert recipe["init"] == PACKAGED
    assert recipe["init_sha256"] in record
    assert CHECKPOINT.stat().st_size < 20e6
    with safe_open(CHECKPOINT, "pt") as file:
        facts = json.loads(file.metadata()["recipe"])
    assert facts["trained_auc"] > facts["untrained_auc"]


def test_the_packaged_checkpoint_fills_every_tensor_of_the_small_swin() -> None:
    torch.manual_seed(0)
    first = initial_swin(RECIPE).state_dict()
    torch.manual_seed(1)
    second = initial_swin(RECIPE).state_dict()
    assert all(torch.equal(value, second[name]) for name, value in first.items())
    assert not torch.equal(first["head.fc.weight"], torch.zeros_like(first["head.fc.weight"]))


def test_healing_leaves_the_better_half_as_it_is() -> None:
    maps = torch.randn(4, 3, GRID, GRID, generator=torch.Generator().manual_seed(2))
    maps[:, :, 3:6, 3:6] += 9.0
    mended = healed(maps)
    assert float(mended.abs().max()) < 6
    assert (mended == maps).float().mean() == pytest.approx(0.5)
