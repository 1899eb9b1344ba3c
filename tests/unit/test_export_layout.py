"""What is laid out for a compiler computes what the seeds compute."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from seed_material import make_material, make_views

from technopro.errors import WeightsError
from technopro.export.gaussians import GaussianMaps, rounded
from technopro.export.model import best_of
from technopro.export.network import resizing
from technopro.export.parity import Answers, Picture, compare
from technopro.features.views import Views
from technopro.seeding.bank import GaussianBank
from technopro.seeding.gaussian import GaussianSeed
from technopro.seeding.mixture import MixtureSeed

STRIDES = {"s8": 8, "s16": 16, "s32": 32}


def channels_first(view: Views, image: int) -> dict[str, torch.Tensor]:
    return {n: m[image : image + 1].permute(0, 3, 1, 2) for n, m in view.maps.items()}


def test_distance_maps_are_those_of_the_bank(tmp_path: Path) -> None:
    """For kinds, levels and windows, regions of one size and of several, and both folds."""
    view = make_views()
    seeds = (
        GaussianSeed("pooled"),
        GaussianSeed("patch", "s8", 3),
        GaussianSeed("place", "s8", 1),
        GaussianSeed("place", "s16", 3),
        GaussianSeed("place", "s32", 1),
    )
    material = make_material(tmp_path, view)
    mixtures = (MixtureSeed("s8", 3, 5), MixtureSeed("s16", 1, 2))
    fitted = GaussianBank(seeds, fused=False, mixtures=mixtures).fit(material, 0)
    grid = view.grid
    shape = (grid[0] * 8, grid[1] * 8)
    for ruler in fitted.rulers.values():
        expected = ruler.measure(view).permute(0, 3, 1, 2)
        for image in range(4):
            laid_out = GaussianMaps(ruler, int(view.folds[image]), shape, grid)
            found = laid_out(channels_first(view, image), view.pooled[image][None, :, None, None])
            torch.testing.assert_close(found[0], expected[image], rtol=1e-3, atol=2e-3)


def test_rounding_by_sums_is_rounding_to_half_precision() -> None:
    x = torch.randn(10_000, generator=torch.Generator().manual_seed(0)) * 40
    np.testing.assert_array_equal(rounded(x), x.half().float())


@pytest.mark.parametrize(("mode", "before", "after"), [("bilinear", 512, 224), ("area", 224, 64)])
def test_resizing_by_a_matrix_is_resizing(mode: str, before: int, after: int) -> None:
    x = torch.rand(1, 3, before, before, generator=torch.Generator().manual_seed(0)) * 255
    expected = torch.nn.functional.interpolate(
        x, (after, after), mode=mode, antialias=mode == "bilinear"
    )
    matrix = resizing(before, after, mode)
    torch.testing.assert_close(matrix @ x @ matrix.T, expected, rtol=1e-4, atol=1e-3)


PICTURES = [Picture(name, 0, lambda: np.zeros((1, 1, 3), np.uint8)) for name in "abc"]  # unread
PRODUCT = Answers(np.array([0.1, 0.4999, 0.9]), ("ok", "review", "defect"))


def test_an_export_that_decides_the_same_passes() -> None:
    found = Answers(np.array([0.11, 0.48, 0.9]), ("ok", "review", "defect"))
    half = compare("openvino", "bf16", found, 9.0, PRODUCT, PICTURES, {"a": "ok", "b": "ok"})
    assert half.passed
    assert (half.recorded, half.apart) == (2, 1)
    assert half.largest == pytest.approx(0.0199)
    assert half.farthest == "b"
    assert not compare(
        "openvino", "f32", found, 9.0, PRODUCT, PICTURES, {}
    ).passed  # more than 1e-3


def test_the_fastest_that_passes_is_taken_and_offenders_are_named() -> None:
    other = Answers(np.array([0.1, 0.5001, 0.9]), ("ok", "defect", "defect"))
    changed = compare("openvino", "bf16", other, 5.0, PRODUCT, PICTURES, {})
    slow, fast = (
        compare("openvino", "f32", PRODUCT, ms, PRODUCT, PICTURES, {}) for ms in (20.0, 10.0)
    )
    assert best_of([changed, slow, fast], "p-1") is fast
    with pytest.raises(WeightsError, match=r"p-1 .* 1 of 3 images decided otherwise \(b\)"):
        best_of([changed], "p-1")
    off = Answers(np.array([0.1, 0.4999, 0.902]), PRODUCT.decisions)
    with pytest.raises(WeightsError, match=r"0 of 3 .*\(none\).* 2.0e-03 \(c\), where 1e-03 is"):
        best_of([compare("openvino", "f32", off, 5.0, PRODUCT, PICTURES, {})], "p-1")
