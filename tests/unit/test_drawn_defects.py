"""What is drawn onto tonight's images, and how much of it the heads learn from."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import chain, repeat
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from scipy import ndimage

from technopro.seeding import head, synthetic
from technopro.seeding.drawn import READ, position_vectors
from technopro.seeding.synthetic import HAIR, KINDS, Spot, draw_defect
from tests.seed_material import make_material, make_views

SIDE = 400
MIDDLE = (0.5, 0.5, 0.3)  # where a line lies, and how it is turned


class Chosen(np.random.Generator):
    """Gives uniform numbers at the chosen places of their range."""

    def __init__(self, *places: float) -> None:
        super().__init__(np.random.PCG64(0))
        self._places: Iterator[float] = chain(places, repeat(0.5))

    def uniform(self, low: float, high: float) -> float:  # type: ignore[override]
        return low + (high - low) * next(self._places)


@pytest.fixture
def surface() -> np.ndarray:
    noise = np.random.default_rng(3).normal(128, 25, (SIDE, SIDE, 1))
    return np.repeat(np.clip(noise, 0, 255), 3, 2).astype(np.uint8)


def whole(spot: Spot, side: int = SIDE) -> np.ndarray:
    """Return the mask of the whole picture."""
    mask = np.zeros((side, side), np.float32)
    mask[spot.window] = spot.mask
    return mask


@pytest.mark.parametrize("sway", [0.0, 0.6, 1.0])
@pytest.mark.parametrize("width", [0.0, 0.5, 1.0])
def test_a_line_covers_its_length_times_its_width(sway: float, width: float) -> None:
    mask = whole(synthetic._line((SIDE, SIDE), Chosen(*MIDDLE, 0.6, width, sway, 0.4, 0.1)))
    length = SIDE * 0.08 * (0.6 / 0.08) ** 0.6
    x = np.linspace(-length / 2, length / 2, 4001)
    amplitude, turn = max(0.0, -0.1 + 0.3 * sway) * length, 2 * np.pi / (length * 1.68)
    course = amplitude * np.sin(turn * x + 0.2 * np.pi)
    along = np.hypot(np.diff(x), np.diff(course)).sum()
    half_width = HAIR * (SIDE / 128 / HAIR) ** width
    assert mask.sum() == pytest.approx(along * (2 * half_width + 0.4), rel=0.05)


def test_a_line_sways_as_far_as_it_says() -> None:
    length = SIDE * (0.08 * 0.6) ** 0.5
    straight, swaying = (
        whole(synthetic._line((SIDE, SIDE), Chosen(0.5, 0.5, 0.0, 0.5, 0.0, sway, 0.0, 0.25))) > 0.5
        for sway in (0.0, 1.0)
    )
    height = [float(np.ptp(np.nonzero(mask)[0])) for mask in (straight, swaying)]
    assert height[0] <= 1
    assert height[1] == pytest.approx(2 * 0.2 * length, abs=2.0)  # a crest and a trough


def test_the_thinnest_line_is_a_hair_in_a_large_picture_too() -> None:
    rng = np.random.default_rng(0)
    lines = [whole(synthetic._line((768, 768), rng), 768) > 0.5 for _ in range(60)]
    thick = [float(ndimage.distance_transform_edt(line).max()) for line in lines]
    assert 0 < min(thick) <= 1.0
    assert max(thick) > 4.0


def test_blobs_begin_at_a_pinhole() -> None:
    rng = np.random.default_rng(0)
    share = [float((whole(synthetic._blob((SIDE, SIDE), rng)) > 0.5).mean()) for _ in range(200)]
    assert 0 < min(share) < 0.0006
    assert 0.02 < max(share) < 0.08


def test_lines_are_scratches_that_keep_the_texture_and_scars_that_do_not(
    surface: np.ndarray,
) -> None:
    assert synthetic.LINES == KINDS[-2:] == (synthetic._scratch, synthetic._scar)
    everywhere = Spot((slice(0, SIDE), slice(0, SIDE)), np.zeros((SIDE, SIDE), np.float32))
    rng = np.random.default_rng(1)
    least = 1.5 * 0.8 * surface.std()
    scratched, scarred = (kind(surface, everywhere, rng) for kind in synthetic.LINES)
    assert scratched.std() == pytest.approx(surface.std(), rel=1e-3)
    assert np.ptp(scarred) < 1e-3
    for changed in (scratched, scarred):
        assert abs(changed.mean() - surface.mean()) >= 0.999 * least


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__.strip("_"))
def test_every_kind_changes_a_little_of_the_picture(
    surface: np.ndarray, kind: synthetic.Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synthetic, "KINDS", (kind,))
    rng = np.random.default_rng(5)
    for _ in range(10):
        changed = (draw_defect(surface, rng) != surface).any(2)
        assert 0 < changed.mean() < 0.1
        thick = ndimage.distance_transform_edt(ndimage.binary_closing(changed)).max()
        assert kind not in synthetic.LINES or thick <= SIDE / 128 + 3


@pytest.mark.parametrize("shape", [(160, 160), (96, 640)])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__.strip("_"))
def test_a_defect_computed_where_it_lies_is_that_of_the_whole_picture(
    shape: tuple[int, int], kind: synthetic.Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synthetic, "KINDS", (kind,))
    image = np.random.default_rng(1).integers(0, 256, (*shape, 3)).astype(np.uint8)
    near = [draw_defect(image, np.random.default_rng(seed)) for seed in range(30)]
    everywhere = tuple(slice(0, side) for side in shape)
    monkeypatch.setattr(synthetic._Turn, "around", lambda turn, radius: everywhere)
    whole_picture = [draw_defect(image, np.random.default_rng(seed)) for seed in range(30)]
    assert np.array_equal(near, whole_picture)


@pytest.mark.parametrize("shape", [(64, 64), (48, 200)])
def test_a_turned_picture_is_the_middle_of_its_turned_mirror_images(shape: tuple[int, int]) -> None:
    image = np.random.default_rng(1).integers(0, 256, (*shape, 3)).astype(np.uint8)
    down, across = (side // 2 for side in shape)
    wide = Image.fromarray(np.pad(image, [(down, down), (across, across), (0, 0)], "reflect"))
    turned = np.asarray(wide.rotate(37, Image.Resampling.BILINEAR))
    middle = turned[down : down + shape[0], across : across + shape[1]]
    assert np.array_equal(synthetic._turned(image, np.radians(37)), middle)


def test_the_changed_share_is_that_of_each_cell() -> None:
    rng = np.random.default_rng(1)
    before, after = rng.integers(0, 256, (2, 64, 96, 3)).astype(np.uint8)
    after = np.where(rng.random((64, 96, 1)) < 0.9, before, after)
    seen = (np.abs(before.astype(int) - after) > synthetic.VISIBLE).any(2)
    cells = [[seen[y : y + 8, x : x + 8].mean() for x in range(0, 96, 8)] for y in range(0, 64, 8)]
    assert synthetic.changed_share(before, after, (8, 12)) == pytest.approx(np.array(cells))


def test_a_large_defect_teaches_no_more_vectors_than_a_picture_may(tmp_path: Path) -> None:
    view = make_views()
    masks = np.zeros((60, *view.grid), np.float32)
    masks[0] = 1.0  # all of 256 positions, of fold 0
    masks[2, 0, :3] = 0.2  # a hairline
    material = make_material(tmp_path, view, view, masks)
    generator = torch.Generator().manual_seed(0)
    _, defective = head._sample(material, partial(position_vectors, READ), generator)
    assert [len(own) for own in defective] == [0, head.OF_A_PICTURE + 3]
