"""Pictures of no known pattern: a product is a group alike, an accident is alone."""

from __future__ import annotations

import numpy as np
import pytest

from technopro.drift.control import settle
from technopro.drift.figure import Level
from technopro.drift.novelty import Known, Novelty, find_novel
from technopro.errors import InputError
from technopro.patterns.discover import FEWEST

CHANNELS = 24
RNG = np.random.default_rng(0)
A, B, NEW = RNG.normal(size=(3, CHANNELS)) * 5


def pictures(rng: np.random.Generator, centre: np.ndarray, count: int) -> np.ndarray:
    return centre + rng.normal(size=(count, CHANNELS))


def night(rng: np.random.Generator) -> np.ndarray:
    light = 0.2 * rng.normal(size=CHANNELS)
    return np.concatenate([pictures(rng, A, 80), pictures(rng, B, 50)]) + light


NIGHTS = [night(RNG) for _ in range(8)]
KNOWN = {
    "p-a": np.concatenate([n[:80] for n in NIGHTS]),
    "p-b": np.concatenate([n[80:] for n in NIGHTS]),
}


def found(tonight: np.ndarray) -> tuple[Novelty, Level]:
    novelty = find_novel(tonight, KNOWN, NIGHTS, 0)
    return novelty, settle([novelty.finding])[0].level


def test_an_empty_night_or_no_known_pattern_says_nothing() -> None:
    novelty, level = found(np.zeros((0, CHANNELS)))
    assert (len(novelty.novel), level) == (0, Level.STEADY)
    unknown = find_novel(NIGHTS[0], {}, [], 0)
    assert not unknown.novel.any()
    assert unknown.finding.p_value is None


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(InputError, match="finite"):
        found(np.full((20, CHANNELS), np.nan))
    with pytest.raises(InputError, match="backbone"):
        found(np.zeros((20, CHANNELS + 1)))


def test_one_image_and_images_all_alike_are_no_new_pattern() -> None:
    assert found(A[None])[1] is Level.STEADY
    alike = np.tile(A, (60, 1))
    novelty = find_novel(alike, {"p-a": alike}, [alike] * 4, 0)
    assert not novelty.novel.any()


def test_a_group_of_another_product_is_a_new_pattern() -> None:
    rng = np.random.default_rng(1)
    novelty, level = found(np.concatenate([night(rng), pictures(rng, NEW, FEWEST + 3)]))
    assert level is Level.DRIFTED
    assert novelty.groups[130:].tolist() == [0] * (FEWEST + 3)
    assert (novelty.groups[:130] == -1).all()
    assert "15 images look like each other" in settle([novelty.finding])[0].words


def test_two_new_products_are_two_groups() -> None:
    rng = np.random.default_rng(2)
    both = [pictures(rng, NEW, 40), pictures(rng, -NEW, 40)]
    groups = found(np.concatenate([night(rng), *both]))[0].groups[130:]
    assert len(set(groups[:40])) == len(set(groups[40:])) == 1
    assert set(groups) == {0, 1}


def test_a_group_that_is_too_small_is_no_pattern() -> None:
    rng = np.random.default_rng(3)
    novelty, level = found(np.concatenate([night(rng), pictures(rng, NEW, FEWEST - 1)]))
    assert novelty.novel[130:].all()
    assert (novelty.groups == -1).all()
    assert level is Level.WATCH  # more odd pictures than on the reference nights


def test_odd_pictures_that_are_not_alike_are_no_pattern() -> None:
    """Each far from everything in a direction of its own; their mean is far from all as well."""
    rng = np.random.default_rng(4)
    odd = A + np.eye(CHANNELS)[:16] * 60 + rng.normal(size=(16, CHANNELS))
    novelty, level = found(np.concatenate([night(rng), odd]))
    assert novelty.novel[130:].sum() >= 14
    assert (novelty.groups == -1).all()
    assert level is not Level.DRIFTED


def test_pictures_that_trail_off_from_a_known_pattern_are_no_new_one() -> None:
    """Odd and near each other, but with no gap between them and the pattern: Ashman's D is 4."""
    rng = np.random.default_rng(9)
    trail = pictures(rng, A, 60)
    trail[:, 0] += rng.normal(12, 4, 60)
    novelty, level = found(np.concatenate([night(rng), trail]))
    assert novelty.novel[130:].sum() >= FEWEST
    assert (novelty.groups == -1).all()
    assert level is Level.WATCH


def test_a_defect_that_moves_a_few_channels_a_little_is_not_novel() -> None:
    rng = np.random.default_rng(5)
    tonight = night(rng)
    tonight[:25, :4] += 1.5
    novelty, level = found(tonight)
    assert not novelty.novel.any()
    assert level is Level.STEADY


def test_a_pattern_of_its_own_width_is_judged_by_that_width() -> None:
    """The same distance is usual for a varied product and far for a uniform one."""
    rng = np.random.default_rng(6)
    wide, narrow = pictures(rng, A, 300) * 3, pictures(rng, A, 300)
    point = A[None] * 3 + 3
    assert Known.fit(wide).oddness(point) < 1
    assert Known.fit(narrow).oddness(point - 2 * A) > 4


def test_ordinary_nights_have_no_new_pattern_and_hardly_an_odd_picture() -> None:
    rng = np.random.default_rng(7)
    nights = [found(night(rng)) for _ in range(30)]
    assert all((novelty.groups == -1).all() for novelty, _ in nights)
    assert sum(level is Level.DRIFTED for _, level in nights) == 0
    assert sum(int(novelty.novel.sum()) for novelty, _ in nights) <= 4


def test_the_order_of_images_does_not_matter() -> None:
    rng = np.random.default_rng(8)
    tonight = np.concatenate([night(rng), pictures(rng, NEW, 30), pictures(rng, -NEW, 20)])
    turn = rng.permutation(len(tonight))
    one, other = found(tonight)[0], found(tonight[turn])[0]
    assert (one.novel[turn] == other.novel).all()
    assert (one.groups[turn] == other.groups).all()
    assert one.finding.value == other.finding.value
