"""What is drawn onto tonight's images, and how much of it the heads learn from."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import chain, repeat
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import ndimage

from technopro.seeding import head, synthetic
from technopro.seeding.drawn import READ, position_vectors
from technopro.seeding.synthetic import HAIR, KINDS, draw_defect
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
    return np.repeat(np.clip(noise, 0, 255), 3, 2).astype(np.float32)


@pytest.mark.parametrize("turn", [0.0, 0.2, 1.0])
@pytest.mark.parametrize("width", [0.0, 0.5, 1.0])
def test_a_line_covers_its_length_times_its_width(turn: float, width: float) -> None:
    mask = synthetic._line((SIDE, SIDE), Chosen(*MIDDLE, 0.6, turn, width))
    length = SIDE * 0.08 * (0.6 / 0.08) ** 0.6
    half_width = HAIR * (SIDE / 128 / HAIR) ** width
    across = 2 * half_width + 0.4 if half_width > 0.3 else (half_width + 0.7) ** 2
    assert mask.sum() == pytest.approx(length * across, rel=0.04)


def test_lines_are_bent_by_no_more_than_they_say() -> None:
    straight = synthetic._line((SIDE, SIDE), Chosen(0.5, 0.5, 0.0, 0.5, 0.0, 0.5))
    bent = synthetic._line((SIDE, SIDE), Chosen(0.5, 0.5, 0.0, 0.5, 1.0, 0.5))
    length = SIDE * (0.08 * 0.6) ** 0.5
    sagitta = length / 2.5 * (1 - np.cos(1.25))
    rows = [np.ptp(np.nonzero(mask > 0.5)[0]) for mask in (straight, bent)]
    assert rows[1] - rows[0] == pytest.approx(sagitta, abs=2.5)


def test_the_thinnest_line_is_a_hair_in_a_large_picture_too() -> None:
    rng = np.random.default_rng(0)
    lines = [synthetic._line((768, 768), rng) > 0.5 for _ in range(60)]
    thick = [float(ndimage.distance_transform_edt(line).max()) for line in lines]
    assert min(thick) <= 1.0
    assert max(thick) > 4.0


def test_blobs_begin_at_a_pinhole() -> None:
    rng = np.random.default_rng(0)
    share = [float((synthetic._blob((SIDE, SIDE), rng) > 0.5).mean()) for _ in range(200)]
    assert min(share) < 0.0006
    assert 0.02 < max(share) < 0.08


def test_a_groove_loses_its_texture_and_a_scratch_keeps_it(surface: np.ndarray) -> None:
    mask = np.zeros((SIDE, SIDE), np.float32)
    rng = np.random.default_rng(1)
    assert synthetic._groove(surface, mask, rng).std() < 0.2 * surface.std()
    assert synthetic._scratch(surface, mask, rng).std() == pytest.approx(surface.std(), rel=1e-3)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__.strip("_"))
def test_every_kind_changes_a_little_of_the_picture(
    surface: np.ndarray, kind: synthetic.Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synthetic, "KINDS", (kind,))
    image, rng = surface.astype(np.uint8), np.random.default_rng(5)
    for _ in range(10):
        changed = (draw_defect(image, rng) != image).any(2).mean()
        assert 0 < changed < 0.1


def test_a_large_defect_teaches_no_more_vectors_than_a_picture_may(tmp_path: Path) -> None:
    view = make_views()
    masks = np.zeros((60, *view.grid), np.float32)
    masks[0] = 1.0  # all of 256 positions, of fold 0
    masks[2, 0, :3] = 0.2  # a hairline
    material = make_material(tmp_path, view, view, masks)
    generator = torch.Generator().manual_seed(0)
    _, defective = head._sample(material, partial(position_vectors, READ), generator)
    assert [len(own) for own in defective] == [0, head.OF_A_PICTURE + 3]
