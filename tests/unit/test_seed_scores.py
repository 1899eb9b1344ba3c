"""From a map of oddness to an image's score, and to what it would score without a defect."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from technopro.features.sizing import working_shape
from technopro.learner.opinions import usual
from technopro.seeding.combine import combine, matched
from technopro.seeding.places import PLACES
from technopro.seeding.seed import better_half, worst_positions


def quiet(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


def test_a_square_is_scored_by_the_worst_of_all_its_positions() -> None:
    maps = quiet(3, 64, 64)
    expected = maps.flatten(1).sort(1).values[:, -12:].mean(1)
    assert torch.allclose(worst_positions(maps), expected)


def test_a_defect_weighs_the_same_in_a_strip_and_in_a_square() -> None:
    strip, square = torch.zeros(1, 32, 512), torch.zeros(1, 32, 32)
    strip[0, 10:12, 300:302] = 5.0
    square[0, 10:12, 10:12] = 5.0
    assert torch.equal(worst_positions(strip), worst_positions(square))


def test_a_defect_on_the_border_of_two_tiles_is_whole_in_a_third() -> None:
    strip = torch.zeros(1, 32, 320)
    strip[0, 10, 31:34] = 5.0
    assert float(worst_positions(strip)) == 5.0


def test_the_better_half_does_not_see_a_defect() -> None:
    for shape in ((64, 64), (28, 144), (32, 512), (16, 16)):
        plain = quiet(8, *shape)
        odd = plain.clone()
        odd[:, : shape[0] // 3, : shape[1] // 3] += 9.0
        assert (worst_positions(odd) > worst_positions(plain) + 5).all()
        assert (better_half(odd) < better_half(plain) + 1).all()


def test_better_halves_are_brought_to_the_scale_of_whole_images() -> None:
    """Sound images, some rougher than others: the halves tell how far out the whole may lie."""
    generator = torch.Generator().manual_seed(1)
    rough = torch.randn(2000, 1, 1, generator=generator).mul(0.25).exp()
    maps = rough * torch.randn(2000, 32, 32, generator=generator)
    whole, half = worst_positions(maps).numpy(), better_half(maps).numpy()
    found = matched(half, whole)
    for share in (0.5, 0.9, 0.97):  # the last two lie above what is matched
        cut = sorted(whole)[int(share * 2000)]
        assert abs((found < cut).mean() - share) < 0.02


@pytest.mark.parametrize("share", [0.0, 0.1, 0.4])
def test_what_sound_images_score_is_known_however_many_are_defective(share: float) -> None:
    generator = torch.Generator().manual_seed(1)
    rough = torch.randn(1000, 1, 1, generator=generator).mul(0.25).exp()
    maps = rough * torch.randn(1000, 32, 32, generator=generator)
    sound = worst_positions(maps).numpy()
    maps[: int(share * 1000), :9, :9] += 6.0
    own, half = {PLACES: worst_positions(maps).numpy()}, {PLACES: better_half(maps).numpy()}
    blend = combine(own, {PLACES: 1.0}, {})
    found, expected = usual(blend, half, own), blend({PLACES: sound})
    for q in (0.5, 0.9, 0.97):
        assert np.quantile(found, q) == pytest.approx(np.quantile(expected, q), abs=0.2)


def test_a_proven_share_counts_where_the_scores_alone_show_none() -> None:
    rng = np.random.default_rng(0)
    half = {PLACES: rng.normal(size=400)}
    own = {PLACES: np.r_[rng.normal(size=260), rng.normal(2.0, 1.0, 140)]}  # far from apart
    blend = combine(own, {PLACES: 1.0}, {})
    expected = float(np.std(own[PLACES][:260])) / blend.scales[PLACES].spread / blend.scale.spread
    unknown, known = usual(blend, half, own), usual(blend, half, own, 0.35)
    assert np.std(unknown) > 1.25 * expected
    assert np.std(known) == pytest.approx(expected, rel=0.2)


def test_pictures_of_any_size_and_shape_keep_small_defects_visible() -> None:
    for native, looked_at in {
        (96, 96): (224, 224),
        (300, 300): (448, 448),
        (512, 512): (512, 512),
        (256, 4096): (256, 4096),
        (4096, 256): (4096, 256),
        (2048, 2048): (1024, 1024),
    }.items():
        assert working_shape(*native) == looked_at
