"""Faithfulness: a map of what the logit comes from has 1, one beside it does not."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from technopro.explain.faithful import faithfulness
from technopro.explain.heat import decode_heat, encode_heat, faithfulness_of

SIDE = 24


class Sum(nn.Module):
    """A logit that is the sum of what stands in one corner."""

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :, :5, :5].sum((1, 2, 3))[:, None]


class Less(nn.Module):
    """A logit that a bright place lowers."""

    def forward(self, x: Tensor) -> Tensor:
        return -x.sum((1, 2, 3))[:, None]


def spot(top: int, left: int) -> Tensor:
    heat = torch.zeros(SIDE, SIDE)
    heat[top : top + 5, left : left + 5] = 1
    return heat


@pytest.fixture
def image() -> Tensor:
    x = torch.zeros(1, 2, SIDE, SIDE)
    x[:, :, :5, :5] = 3.0
    return x


def test_the_place_that_the_logit_comes_from_is_faithful(image: Tensor) -> None:
    assert faithfulness(Sum(), image, spot(0, 0)) == 1.0


def test_another_place_is_not(image: Tensor) -> None:
    assert faithfulness(Sum(), image, spot(12, 12)) == 0.0


def test_a_place_of_some_matter_lies_between(image: Tensor) -> None:
    """Of the 35 other holes some lie nearer to the corner: counted by hand with NumPy."""
    network, heat = Sum(), spot(2, 2)
    x, hole = image.numpy()[0], heat.numpy() > 0

    def left(moved: np.ndarray) -> float:
        return float(np.where(moved, 0.0, x)[:, :5, :5].sum())

    falls = [
        float(x[:, :5, :5].sum()) - left(np.roll(hole, (dy, dx), (0, 1)))
        for dy in range(0, SIDE, SIDE // 6)
        for dx in range(0, SIDE, SIDE // 6)
    ]
    here, elsewhere = falls[0], np.array(falls[1:])
    expected = np.mean((elsewhere < here) + 0.5 * (elsewhere == here))
    assert 0 < expected < 1
    assert faithfulness(network, image, heat) == pytest.approx(expected)


@pytest.mark.parametrize("heat", [torch.zeros(SIDE, SIDE), torch.zeros(7, 7)])
def test_a_cold_map_is_not_to_be_trusted(image: Tensor, heat: Tensor) -> None:
    assert faithfulness(Sum(), image, heat) == 0.0


def test_a_place_whose_loss_raises_the_logit_is_not_to_be_trusted(image: Tensor) -> None:
    assert faithfulness(Less(), image, spot(0, 0)) == 0.0


def test_a_map_takes_its_faithfulness_along() -> None:
    heat = np.linspace(0, 1, 49, dtype=np.float32).reshape(7, 7)
    assert faithfulness_of(encode_heat(heat, 0.9714)) == pytest.approx(0.971)
    assert faithfulness_of(encode_heat(heat)) is None
    assert np.abs(decode_heat(encode_heat(heat, 1.0)) - heat).max() <= 1.001 / 510
