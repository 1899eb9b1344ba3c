"""Finds that look alike are one family, however they are turned or moved."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from dashboard.samples_families import SIDE, descriptor, families, hottest, place
from technopro.explain.heat import encode_heat

SIZE = 128


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def surface(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(120, 8, (SIZE, SIZE)).clip(0, 255)


def heat_at(row: int, column: int) -> bytes:
    heat = np.zeros((8, 8), np.float32)
    heat[row * 8 // SIZE, column * 8 // SIZE] = 1.0
    return encode_heat(heat)


def scratched(seed: int, at: tuple[int, int], upright: bool) -> np.ndarray:
    pixels, (row, column) = surface(seed), at
    pixels[row - 15 : row + 15, column - 1 : column + 1] = 10
    return descriptor(png(pixels if upright else pixels.T), heat_at(*(at if upright else at[::-1])))


def stained(seed: int, at: tuple[int, int]) -> np.ndarray:
    pixels, (row, column) = surface(seed), at
    pixels[row - 12 : row + 12, column - 12 : column + 12] = 240
    return descriptor(png(pixels), heat_at(*at))


def test_scratches_and_stains_are_two_families() -> None:
    looks = [scratched(1, (40, 40), True), stained(2, (60, 60)), scratched(3, (80, 90), False),
             stained(4, (90, 30)), scratched(5, (30, 100), True)]  # fmt: skip
    assert families(looks, ["p"] * 5) == [[0, 2, 4], [1, 3]]


def test_families_keep_to_one_pattern() -> None:
    same = scratched(1, (40, 40), True)
    assert families([same] * 4, ["a", "b", "b", "b"]) == [[1, 2, 3], [0]]


@pytest.mark.parametrize("count", [0, 1])
def test_none_and_one(count: int) -> None:
    looks = [scratched(1, (40, 40), True)] * count
    assert families(looks, ["p"] * count) == [[0]] * count


def test_the_hottest_place_is_the_middle_of_its_cell() -> None:
    heat = np.zeros((4, 8))
    heat[3, 2] = 1.0
    assert hottest(heat) == (0.875, 0.3125)
    assert hottest(np.ones((1, 1))) == (0.5, 0.5)


@pytest.mark.parametrize("at", [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0)])
def test_a_place_at_the_edge_is_moved_inside(at: tuple[float, float]) -> None:
    grey = np.arange(SIZE * SIZE, dtype=float).reshape(SIZE, SIZE)
    found = place(grey, at)
    start = round(at[0] * (SIZE - SIDE))
    assert found.shape == (SIDE, SIDE)
    assert found[0, 0] == grey[start, start]


@pytest.mark.parametrize("shape", [(1, 1), (1, 200), (3, 2), (256, 40)])
@pytest.mark.parametrize("level", [0, 255])
@pytest.mark.parametrize("heat", [None, encode_heat(np.eye(7))])
def test_flat_and_tiny_pictures_have_a_look_too(
    shape: tuple[int, int], level: int, heat: bytes | None
) -> None:
    look = descriptor(png(np.full(shape, level)), heat)
    np.testing.assert_array_equal(look, np.zeros(18))


def test_a_picture_without_heat_is_compared_as_a_whole() -> None:
    pixels = surface(1)
    assert not np.array_equal(descriptor(png(pixels), None), descriptor(png(pixels), heat_at(9, 9)))
