"""Mixture seeds, against scikit-learn's Gaussian mixture and on views of two kinds of surface."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from seed_material import make_material, make_views
from sklearn.mixture import GaussianMixture

from technopro.features.views import Views
from technopro.seeding import mixture
from technopro.seeding.bank import GaussianBank
from technopro.seeding.gaussian import GaussianSeed
from technopro.seeding.mixture import (
    FLOOR,
    PARTS,
    RIDGE,
    Components,
    MixtureSeed,
    fit_components,
)
from technopro.seeding.seed import worst_positions


def two_kinds(count: int = 60) -> Views:
    """Plain positions, and lines across row 8 that are as usual as can be, but there alone."""
    view = make_views(count)
    view.maps["s8"][:, 8] += 8.0
    return view


def clusters(seed: int = 0) -> np.ndarray:
    """Two that overlap, of other shapes and sizes."""
    rng = np.random.default_rng(seed)
    slant = np.array([[1.0, 0.8, 0.0], [0.0, 0.5, 0.3], [0.0, 0.0, 1.2]])
    many = rng.normal(size=(6000, 3)) @ slant
    few = rng.normal(size=(2000, 3)) * 0.4 + [2.0, 1.0, 0.5]
    return np.concatenate([many, few]).astype(np.float32)


def as_theirs(part: Components) -> GaussianMixture:
    """The same mixture as one of scikit-learn's."""
    theirs = GaussianMixture(len(part.mean), covariance_type="full")
    theirs.means_, theirs.weights_ = part.mean.numpy(), part.weights.exp().numpy()
    theirs.precisions_cholesky_ = part.root.numpy()
    return theirs


def test_a_fit_is_as_likely_as_scikit_learn_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mixture, "STEPS", 30)
    x = clusters()
    found = as_theirs(fit_components(torch.from_numpy(x), 2, seed=0)).score_samples(x).mean()
    theirs = GaussianMixture(2, random_state=0, max_iter=500, tol=1e-6).fit(x).score(x)
    one = GaussianMixture(1).fit(x).score(x)
    assert theirs - one > 0.1
    assert found == pytest.approx(theirs, abs=0.005)


def test_what_belongs_where_is_what_scikit_learn_predicts() -> None:
    x = clusters()
    part = fit_components(torch.from_numpy(x), 3, seed=0)
    found = part.belonging(torch.from_numpy(x))
    np.testing.assert_allclose(found, as_theirs(part).predict_proba(x), atol=1e-4)


def test_no_component_is_tighter_than_the_ridge() -> None:
    """Against NumPy, for one component: its covariance, and both ridges on the diagonal."""
    x = clusters()
    part = fit_components(torch.from_numpy(x), 1, seed=0)
    covariance = np.cov(x.T.astype(np.float64), bias=True)
    mean = np.trace(covariance) / 3
    expected = covariance + (RIDGE + FLOOR) * mean * np.eye(3)
    found = np.linalg.inv((part.root[0] @ part.root[0].T).double())
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    assert float(part.volume[0]) == pytest.approx(np.linalg.slogdet(expected)[1], abs=1e-4)


def test_a_blank_place_far_from_all_others_is_no_trouble() -> None:
    x = np.concatenate([clusters() * 3, np.full((40, 3), 30.0, np.float32)])
    part = fit_components(torch.from_numpy(x), 3, seed=0)
    assert all(torch.isfinite(getattr(part, name)).all() for name in PARTS)


def test_scores_are_log_likelihoods(tmp_path: Path) -> None:
    """Against scikit-learn's, given the same parameters and a region's weights."""
    view = make_views()
    fitted = MixtureSeed("s16", 1, 3).fit(make_material(tmp_path, view), seed=0)
    image, row, column = 5, 2, 6  # each of 8 x 8 positions is a region
    theirs = as_theirs(fitted.parts[1])
    theirs.weights_ = fitted.regions[1][row * 8 + column].exp().numpy()
    x = view.maps["s16"][image, row, column].numpy()[None]
    roots = torch.cat([part.root for part in fitted.parts])
    densest = float(-2 * roots.diagonal(dim1=1, dim2=2).log().sum(1).max())
    expected = -2 * theirs.score_samples(x)[0] - 4 * np.log(2 * np.pi) - densest
    found = float(fitted.log_distances(view)[image, row, column].exp())
    assert found == pytest.approx(expected, rel=1e-3)


def test_all_folds_measure_from_one_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One fold has a part that is far tighter than all of the other's."""
    monkeypatch.setattr(mixture, "STEPS", 30)
    view = make_views()
    view.maps["s8"][view.folds == 0, :4] *= 0.01
    fitted = MixtureSeed("s8", 1, 2).fit(make_material(tmp_path, view), 0)
    constants = torch.cat(
        [p.volume + 2 * p.root.diagonal(dim1=1, dim2=2).log().sum(1) for p in fitted.parts]
    )
    assert float(constants.max() - constants.min()) < 1e-3
    assert min(float(p.volume.min()) for p in fitted.parts) == 0
    assert max(float(p.volume.min()) for p in fitted.parts) > 5


def test_what_is_seen_often_is_not_odd_and_what_is_rare_is(tmp_path: Path) -> None:
    """Lines in every third image: one Gaussian takes them for the oddest, a mixture does not."""
    view = make_views(120)
    view.maps["s8"][::3, :, 4:6] += 8.0
    view.maps["s8"][7, 10:12, 10:12] -= 5.0
    material = make_material(tmp_path, view)
    one = worst_positions(GaussianSeed("patch", "s8", 1).fit(material).log_distances(view))
    many = worst_positions(MixtureSeed("s8", 1, 4).fit(material, 0).log_distances(view))
    assert one.argmax() % 3 == 0
    assert many.argmax() == 7


def test_a_region_tells_what_it_shows(tmp_path: Path) -> None:
    """What is usual in one row is odd elsewhere."""
    view = two_kinds()
    view.maps["s8"][7, 2, 2] = view.maps["s8"][7, 8, 2]
    found = MixtureSeed("s8", 1, 2).fit(make_material(tmp_path, view), 0).log_distances(view).exp()
    # of the other fold's 120 positions it showed none, but of ten before a sixteenth
    assert float(found[7, 2, 2] - found[7, 8, 2]) == pytest.approx(
        2 * np.log(0.5) - 2 * np.log(10 / 16 / 130), abs=0.5
    )


def test_a_fold_is_judged_by_the_other(tmp_path: Path) -> None:
    view = two_kinds()
    view.maps["s8"][view.folds == 0] += 5.0
    fitted = MixtureSeed("s8", 1, 2).fit(make_material(tmp_path, view), 0)
    assert fitted.parts[0].mean.mean() < fitted.parts[1].mean.mean() - 3


def test_images_left_out_do_not_enter_the_fit(tmp_path: Path) -> None:
    view = make_views()
    changed = make_views()
    changed.maps["s8"][:6] += 9.0
    keep = np.arange(len(view)) >= 6
    plain, other = (
        MixtureSeed("s8", 3, 2).fit(replace(make_material(tmp_path / n, v), keep=keep), 0)
        for n, v in (("a", view), ("b", changed))
    )
    assert torch.equal(plain.regions, other.regions)
    assert all(torch.equal(a.mean, b.mean) for a, b in zip(plain.parts, other.parts, strict=True))


def test_few_images_bear_few_components(tmp_path: Path) -> None:
    fitted = MixtureSeed("s16", 1, 32).fit(make_material(tmp_path, make_views(8)), 0)
    assert len(fitted.parts[0].mean) == 4 * 64 // (10 * 4)


def test_no_image_is_an_error(tmp_path: Path) -> None:
    material = make_material(tmp_path, make_views(4))
    nothing = replace(material, keep=np.zeros(4, bool))
    one_fold = replace(material, keep=material.views.folds.numpy() == 0)
    for bad in (nothing, one_fold):
        with pytest.raises(ValueError, match="an image in every fold"):
            MixtureSeed("s16", 1, 2).fit(bad, 0)


def test_a_component_without_vectors_does_no_harm() -> None:
    """Fewer places than components: those that lose all theirs keep a finite shape."""
    x = torch.from_numpy(np.repeat(clusters()[:3], 50, axis=0))
    found = fit_components(x, 5, seed=0)
    assert torch.isfinite(found.distances(x)).all()


def test_many_images_give_no_more_positions_than_are_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mixture, "SAMPLE", 25)
    samples = MixtureSeed("s32", 1, 1)._samples(make_material(tmp_path, make_views(100)))
    assert [len(sample.x) for sample in samples] == [25, 25]
    monkeypatch.setattr(mixture, "SAMPLE", 1000)
    view = make_views(8)
    samples = MixtureSeed("s32", 1, 1)._samples(make_material(tmp_path / "few", view))
    assert len(samples[0].x) == 4 * 16  # all there are
    assert len(samples[0].x.unique(dim=0)) == 4 * 16


@pytest.mark.parametrize("mixtures", [(), (MixtureSeed("s8", 3, 4),)])
def test_a_bank_is_restored_with_the_mixtures_it_had(
    mixtures: tuple[MixtureSeed, ...], tmp_path: Path
) -> None:
    """Models from before there were mixtures still judge."""
    view = make_views(60)
    seeds = (GaussianSeed("pooled"), GaussianSeed("patch", "s8", 3))
    fitted = GaussianBank(seeds, mixtures=mixtures).fit(make_material(tmp_path, view), 0)
    now = GaussianBank(seeds, mixtures=(MixtureSeed("s8", 3, 4),))
    restored = now.restore(fitted.tensors())
    expected, found = fitted.maps(view), restored.maps(view)
    assert expected.keys() == found.keys()
    for name, values in expected.items():
        assert torch.equal(values, found[name])
    assert ("mixture" in restored.rulers) == bool(mixtures)
    if mixtures:
        with pytest.raises(KeyError, match="unknown seeds mixture-s8-3-4"):
            GaussianBank(seeds).restore(fitted.tensors())


def test_distances_do_not_depend_on_how_many_come_at_once() -> None:
    part = fit_components(torch.from_numpy(clusters()), 2, seed=0)
    x = torch.from_numpy(np.tile(clusters(1), (2, 1)))
    torch.testing.assert_close(part.distances(x)[-50:], part.distances(x[-50:]))


def test_mixtures_say_the_same_whatever_gaussians_are_beside_them(tmp_path: Path) -> None:
    view = make_views(60)
    few, many = ((GaussianSeed("pooled"),), (GaussianSeed("pooled"), GaussianSeed("patch", "s8")))
    mixtures = (MixtureSeed("s8", 3, 4), MixtureSeed("s16", 1, 2))
    one, other = (
        GaussianBank(seeds, mixtures=mixtures).fit(make_material(tmp_path / n, view), 0).maps(view)
        for n, seeds in (("a", few), ("b", many))
    )
    assert one.keys() == {"mixture", "mixture_fusion"}
    for name in one:
        assert torch.equal(one[name], other[name])
