"""The bank of Gaussians with its fusion, the heads on drawn defects, and how all are combined."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from seed_material import make_material, make_views
from torch import nn

from technopro.features.views import Views
from technopro.learner.learn import least_odd
from technopro.learner.opinions import opinions
from technopro.seeding.bank import GaussianBank
from technopro.seeding.combine import agreement, by_skill, combine, detects, ranks
from technopro.seeding.drawn import DrawnSeed
from technopro.seeding.gaussian import GaussianSeed
from technopro.seeding.head import HeadPlan, _train
from technopro.seeding.mixture import MixtureSeed
from technopro.seeding.seed import Material, Seed, worst_positions

BANK = GaussianBank(
    (GaussianSeed("pooled"), GaussianSeed("patch", "s8"), GaussianSeed("place", "s16"))
)


def without_distances(view: Views) -> Views:
    return replace(view, maps={k: v for k, v in view.maps.items() if "distances" not in k})


def drawn_on(view: Views, level: str) -> tuple[Views, np.ndarray]:
    """The same images with a defect that only `level` shows, and its masks."""
    changed = make_views(len(view))
    side = changed.maps[level].shape[1]
    changed.maps[level][:, side // 4 : side // 2, side // 4 : side // 2] += 4.0
    masks = np.zeros((len(view), *view.grid), np.float32)
    masks[:, 4:8, 4:8] = 1.0
    return changed, masks


@pytest.fixture
def material(tmp_path: Path) -> Material:
    view = make_views(120)
    changed, masks = drawn_on(view, "s16")
    return make_material(tmp_path, view, changed, masks)


def test_the_fusion_believes_the_level_that_shows_defects(material: Material) -> None:
    fitted = BANK.fit(material, 0)
    for head in fitted.heads["gaussian"].networks:
        _, patch_s8, place_s16 = head.state_dict()["weight"][0].tolist()
        assert place_s16 > 5 * abs(patch_s8)


def test_a_first_image_whose_defect_covers_no_position_is_no_trouble(tmp_path: Path) -> None:
    view = make_views(120)
    changed, masks = drawn_on(view, "s16")
    masks[0] = 0.1
    heads = BANK.fit(make_material(tmp_path, view, changed, masks), 0).heads
    assert heads
    nothing = BANK.fit(make_material(tmp_path / "none", view, changed, 0 * masks), 0).heads
    assert nothing


def test_scores_tell_drawn_defects_from_untouched_images(material: Material) -> None:
    for seed in (BANK, DrawnSeed()):
        fitted = seed.fit(material, 0)
        plain, odd = (opinions({"": fitted}, f).whole for f in (material.views, material.drawn))
        name = "fusion" if "fusion" in plain else "drawn"
        assert detects(plain[name], odd[name]) > 0.95


def test_maps_are_measured_from_what_is_usual_at_their_place(tmp_path: Path) -> None:
    """A corner that is always odd hides nothing, and a defect elsewhere stands out of it."""
    view = make_views(120)
    view.maps["s8"][:, :4, :4] *= 5.0  # loud in every image
    view.maps["s8"][7, 10:12, 10:12] += 3.0
    material = make_material(tmp_path, view)
    fitted = GaussianBank((GaussianSeed("patch", "s8"),), fused=False).fit(material, 0)
    maps = fitted.distances(view)[..., 0]
    raw = fitted.rulers["gaussian"].fitted[0].log_distances(view)
    assert worst_positions(raw).argmax() != 7  # distance alone looks into the corner
    assert worst_positions(fitted.maps(view)["gaussian"]).argmax() == 7
    assert maps[:, :4, :4].mean().abs() < 0.05
    assert float(maps.std()) == pytest.approx(1.0, abs=0.05)


def test_a_fold_is_measured_by_what_is_usual_in_the_other(tmp_path: Path) -> None:
    """All of one fold are loud at one place: to them that is not usual."""
    view = make_views(60)
    view.maps["s8"][view.folds == 0, 3, 3] += 6.0
    bank = GaussianBank((GaussianSeed("patch", "s8"),), fused=False)
    fitted = bank.fit(make_material(tmp_path, view), 0)
    at_place = fitted.distances(view)[:, 3, 3, 0]
    assert at_place[view.folds == 0].mean() > 2
    assert at_place[view.folds == 1].mean() < -2


def test_maps_are_stored_beside_the_features_and_read_back(material: Material) -> None:
    fitted = BANK.fit(material, 0)
    for file in (material.views, material.drawn):
        stored = next(file.chunks(50))
        assert fitted.rulers["gaussian"].name in stored.maps
        assert torch.equal(fitted.distances(stored), fitted.distances(without_distances(stored)))


def test_a_second_fit_forgets_the_maps_of_the_first(material: Material) -> None:
    GaussianBank((GaussianSeed("patch", "s4"),), fused=False).fit(material, 0)
    fitted = BANK.fit(material, 0)
    assert fitted.distances(next(material.views.chunks(5))).shape[3] == len(BANK.seeds)


def test_beside_mixtures_the_gaussians_give_no_opinion_and_their_maps_remain(
    material: Material,
) -> None:
    bank = replace(BANK, mixtures=(MixtureSeed("s8", 1, 2),))
    fitted = bank.fit(material, 0)
    view = next(material.views.chunks(5))
    assert list(fitted.maps(view)) == ["mixture", "mixture_fusion"]
    assert fitted.distances(view).shape[3] == len(BANK.seeds)
    measured = fitted.measured(without_distances(view))
    assert [name for name in measured.maps if "distances" in name] == ["distances-mixture"]
    plain = BANK.fit(material, 0)
    assert list(plain.maps(next(material.views.chunks(5)))) == ["gaussian", "fusion"]


def test_a_model_whose_gaussians_gave_opinions_keeps_them(material: Material) -> None:
    bank = replace(BANK, mixtures=(MixtureSeed("s8", 1, 2),))
    view = without_distances(next(material.views.chunks(50)))
    plain, now = BANK.fit(material, 0), bank.fit(material, 0)
    before = plain.tensors() | now.tensors()  # as such a model was stored
    restored = bank.restore(before).maps(view)
    assert set(restored) == {"gaussian", "fusion", "mixture", "mixture_fusion"}
    for name, values in (plain.maps(view) | now.maps(view)).items():
        assert torch.equal(restored[name], values)


def test_a_bank_without_its_spread_is_not_restored(material: Material) -> None:
    bank = replace(BANK, mixtures=(MixtureSeed("s8", 1, 2),))
    plain, now = BANK.fit(material, 0).tensors(), bank.fit(material, 0).tensors()
    for kept, lost in ((plain, "spread"), (now, "mixture_spread"), (plain | now, "spread")):
        with pytest.raises(KeyError, match=lost):
            bank.restore({name: array for name, array in kept.items() if name != lost})


@pytest.mark.parametrize("seed", [BANK, GaussianBank(BANK.seeds, fused=False), DrawnSeed()])
def test_a_restored_seed_scores_the_same(seed: Seed, material: Material) -> None:
    fitted = seed.fit(material, 0)
    view = without_distances(next(material.views.chunks(50)))
    expected, found = fitted.maps(view), seed.restore(fitted.tensors()).maps(view)
    assert list(expected) == list(found)
    for name, values in expected.items():
        assert torch.equal(values, found[name])


def test_the_worst_of_each_fold_are_left_out_of_a_second_fit() -> None:
    score, folds = np.arange(100.0), np.arange(100) % 2
    for share, left_out in ((0.0, 25), (0.2, 40), (0.45, 50)):
        keep = least_odd(score, folds, share)
        assert (~keep).sum() == pytest.approx(left_out, abs=1)
        assert not keep[-left_out + 2 :].any()
    assert least_odd(np.arange(4.0), np.array([0, 0, 0, 1]), 0.5).sum() == 3


def test_opinions_are_weighted_by_agreement_on_the_worst_images() -> None:
    """Two opinions see the same thirty images; the third sees nothing and must not drown them."""
    rng = np.random.default_rng(0)
    bad = np.arange(300) < 30
    own = {"a": rng.normal(size=300) + 4 * bad, "b": rng.normal(size=300) + 4 * bad}
    own["blind"] = rng.normal(size=300)
    reference = sum(own.values())
    skill = {name: agreement(score, reference) for name, score in own.items()}
    combination = combine(own, by_skill(skill), skill)
    assert combination.weights["blind"] < 0.05
    assert sum(combination.weights.values()) == pytest.approx(1.0)
    assert ranks(bad, combination(own)) > 0.995


def test_where_no_opinion_agrees_all_weigh_alike() -> None:
    assert by_skill({"a": 0.5, "b": 0.4}) == {"a": 0.5, "b": 0.5}


def test_a_combination_is_standardised() -> None:
    rng = np.random.default_rng(0)
    own = {n: rng.normal(5, 3, 4000) for n in "abc"}
    combination = combine(own, dict.fromkeys("abc", 1 / 3), {})
    low, middle, high = np.quantile(combination(own), [0.25, 0.5, 0.75])
    assert middle == pytest.approx(0.0, abs=1e-9)
    assert (high - low) / 1.349 == pytest.approx(1.0)


@pytest.mark.parametrize(("vectors", "steps"), [(96, 20), (100, 40), (100_000, 50)])
def test_a_head_goes_over_few_vectors_twenty_times_at_most(vectors: int, steps: int) -> None:
    """A batch of 128 holds 96 clean ones."""
    taken: list[int] = []
    counted = nn.Linear(3, 1)
    counted.register_forward_hook(lambda *_: taken.append(1))
    plan = HeadPlan(lambda _: counted, steps=50, batch=128)
    clean, odd = torch.zeros(vectors, 3), torch.ones(10, 3)
    _train(clean, odd, plan, 0, torch.Generator().manual_seed(0))
    assert len(taken) == steps
