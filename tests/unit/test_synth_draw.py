"""One drawn picture: same arguments, same bytes; the mask tells the truth; families differ."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from technopro.errors import InputError
from technopro.synth import PatternSpec, draw, families, make_patterns
from technopro.synth.picture import FAMILIES

SIZE = (128, 160)
ONE_OF_EACH = make_patterns(10, 3)


def by_name(spec: PatternSpec) -> str:
    return spec.name


@pytest.fixture(params=ONE_OF_EACH, ids=by_name)
def spec(request: pytest.FixtureRequest) -> PatternSpec:
    return request.param


def test_there_are_ten_families_with_two_kinds_of_defect_each() -> None:
    """The least that the product is measured on."""
    assert len(families()) >= 10
    assert all(len(set(family.kinds)) >= 2 for family in FAMILIES.values())


def test_same_arguments_give_the_same_picture(spec: PatternSpec) -> None:
    """Drawing depends on nothing but the arguments."""
    first, second = (draw(spec, 5, SIZE, True, 1) for _ in range(2))
    np.random.default_rng(0).normal()
    assert first.kind == second.kind
    np.testing.assert_array_equal(first.image, second.image)
    np.testing.assert_array_equal(first.mask, second.mask)


def test_the_picture_has_the_size_and_type_asked_for(spec: PatternSpec) -> None:
    """Non-square sizes are (height, width); a clean picture has an empty mask and no kind."""
    drawn = draw(spec, 0, SIZE, False, 0)
    assert drawn.image.shape == drawn.mask.shape == SIZE
    assert drawn.image.dtype == np.uint8
    assert drawn.mask.dtype == np.bool_
    assert not drawn.mask.any()
    assert drawn.kind is None


@pytest.mark.parametrize("size", [(32, 32), (33, 97), (211, 64)])
def test_small_and_odd_sizes_can_be_drawn(spec: PatternSpec, size: tuple[int, int]) -> None:
    """Even the smallest size holds a surface and a defect."""
    drawn = draw(spec, 1, size, True, 0)
    assert drawn.image.shape == size
    assert drawn.image.std() > 1
    assert drawn.mask.any()


def test_a_defect_changes_the_picture_in_its_mask_and_nowhere_else(spec: PatternSpec) -> None:
    """The clean twin is the same to the last bit outside a slightly widened mask."""
    for index in range(12):
        clean, bad = draw(spec, index, SIZE, False, 2), draw(spec, index, SIZE, True, 2)
        change = np.abs(clean.image.astype(int) - bad.image.astype(int))
        around = ndimage.binary_dilation(bad.mask, iterations=1)
        assert bad.mask.any(), bad.kind
        assert change[~around].sum() == 0, bad.kind
        assert change[bad.mask].mean() > 3, bad.kind


def test_every_kind_of_a_family_occurs_and_is_local(spec: PatternSpec) -> None:
    """Defects cover little of a 512 picture; a band through it covers the most."""
    drawn = [draw(spec, i, (256, 512), True, 0) for i in range(16)]
    assert {d.kind for d in drawn} == set(FAMILIES[spec.family].kinds)
    assert max(d.mask.mean() for d in drawn) < 0.15
    assert np.median([d.mask.mean() for d in drawn]) < 0.04


def test_only_the_kinds_asked_for_are_drawn() -> None:
    """A family that shows none of them is an error that names what it can show."""
    grain = make_patterns(1, 0, ("grain",))[0]
    drawn = [draw(grain, i, SIZE, True, 0, kinds=("band", "ruled")) for i in range(8)]
    assert {picture.kind for picture in drawn} == {"band"}
    with pytest.raises(InputError, match=r"grain shows none.*ruled.*band, rescaled, smooth"):
        draw(grain, 0, SIZE, False, 0, kinds=("ruled",))


def test_two_images_of_a_pattern_differ(spec: PatternSpec) -> None:
    """Random phase and noise: pictures of one pattern are not copies of each other."""
    first, second = (draw(spec, i, SIZE, False, 0).image.astype(float) for i in range(2))
    assert np.abs(first - second).mean() > 4


def test_another_seed_gives_another_picture(spec: PatternSpec) -> None:
    """The seed reaches the surface."""
    first, second = (draw(spec, 0, SIZE, False, s).image for s in range(2))
    assert (first != second).any()


@pytest.mark.parametrize("family", families())
def test_two_patterns_of_a_family_differ_visibly(family: str) -> None:
    """Their mean spectra or their brightness differ far more than those of their images do."""
    one, two = make_patterns(2, 0, [family])
    halves = [_signature(one, range(8)), _signature(one, range(8, 16))]
    within = np.abs(halves[0] - halves[1]).mean()
    between = np.abs(halves[0] - _signature(two, range(8))).mean()
    assert between > 2 * within


def _signature(spec: PatternSpec, indices: range) -> np.ndarray:
    """Mean log spectrum in 8x8 coarse cells: texture scale, direction and strength."""
    total = np.zeros((8, 8))
    for index in indices:
        image = draw(spec, index, (128, 128), False, 0).image.astype(float)
        power = np.abs(np.fft.fftshift(np.fft.fft2(image - image.mean()))) ** 2
        total += np.log(power.reshape(8, 16, 8, 16).mean(axis=(1, 3)) + 1)
    return total / len(indices)


def test_texture_keeps_its_size_in_pixels(spec: PatternSpec) -> None:
    """The middle of a large picture is as rough, up and across, as a small picture."""
    small, large = (_roughness(spec, side) for side in (160, 320))
    np.testing.assert_allclose(small, large, rtol=0.25)


def _roughness(spec: PatternSpec, side: int) -> np.ndarray:
    first = (side - 160) // 2
    middle = (slice(first, first + 160),) * 2
    images = [draw(spec, i, (side, side), False, 0).image[middle].astype(float) for i in range(6)]
    return np.mean([[np.abs(np.diff(im, axis=a)).mean() for a in (0, 1)] for im in images], axis=0)


def test_contrast_makes_a_defect_stronger(spec: PatternSpec) -> None:
    """Averaged over pictures, a higher contrast changes more inside the mask."""

    def strength(contrast: float) -> float:
        changes = []
        for index in range(6):
            clean = draw(spec, index, SIZE, False, 0).image.astype(int)
            bad = draw(spec, index, SIZE, True, 0, contrast=contrast)
            changes.append(np.abs(clean - bad.image)[bad.mask].mean())
        return float(np.mean(changes))

    assert strength(1.2) > strength(0.4)


def test_size_makes_a_defect_larger(spec: PatternSpec) -> None:
    """Averaged over pictures, a larger size covers more."""

    def area(size: float) -> float:
        return float(
            np.mean([draw(spec, i, SIZE, True, 0, defect_size=size).mask.mean() for i in range(6)])
        )

    assert area(1.5) > 1.3 * area(0.7)


def test_no_drift_changes_nothing_and_drift_changes_light_and_texture(spec: PatternSpec) -> None:
    """Drift 0.0 is the same picture; drift 1.0 is another."""
    plain = draw(spec, 0, SIZE, False, 0).image
    np.testing.assert_array_equal(plain, draw(spec, 0, SIZE, False, 0, drift=0.0).image)
    drifted = draw(spec, 0, SIZE, False, 0, drift=1.0).image
    assert np.abs(plain.astype(int) - drifted).mean() > 4


def test_an_unknown_family_is_refused_with_the_known_ones() -> None:
    """The message says what could have been asked for."""
    spec = replace(ONE_OF_EACH[0], family="velvet")
    with pytest.raises(InputError, match=r"'velvet'.*moire.*cloudy"):
        draw(spec, 0, SIZE, False, 0)
    with pytest.raises(InputError, match=r"'velvet'.*moire.*cloudy"):
        make_patterns(2, 0, ["woven", "velvet"])
    with pytest.raises(InputError, match="known are"):
        make_patterns(2, 0, [])


@pytest.mark.parametrize(
    ("size", "defect_size", "contrast", "message"),
    [((31, 64), 1.0, 1.0, "32 pixels"), (SIZE, 0.0, 1.0, "above 0"), (SIZE, 1.0, -1.0, "above 0")],
)
def test_impossible_figures_are_refused(
    size: tuple[int, int], defect_size: float, contrast: float, message: str
) -> None:
    """Sizes too small to hold a texture, and multipliers that mean nothing."""
    with pytest.raises(InputError, match=message):
        draw(ONE_OF_EACH[0], 0, size, True, 0, defect_size, contrast)


def test_patterns_cycle_through_the_families_and_stay_when_more_are_asked_for() -> None:
    """Adding a pattern leaves those before it as they were; names are unique."""
    few, many = make_patterns(4, 9), make_patterns(29, 9)
    assert many[:4] == few
    assert [p.family for p in many[: len(families())]] == list(families())
    assert len({p.name for p in many}) == 29
    with pytest.raises(InputError, match="at least one pattern"):
        make_patterns(0, 0)
