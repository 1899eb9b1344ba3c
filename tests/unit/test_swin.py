"""What the small Swin reads, and what it starts as."""

from __future__ import annotations

import numpy as np
import torch

from technopro.learner.plan import enough
from technopro.pseudolabel.swin import GRID, build_swin, map_input, swin_recipe
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


def test_a_pattern_needs_images_in_both_folds() -> None:
    even, odd = "00000000" + 56 * "0", "00000001" + 56 * "0"
    assert enough([even] * 12 + [odd] * 4)
    assert not enough([even] * 13 + [odd] * 3)
    assert not enough([even] * 8 + [odd] * 7)
