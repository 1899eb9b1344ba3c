from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.spatial.distance import mahalanobis
from seed_material import make_material, make_views

from technopro.features.scratch import RowFile
from technopro.features.views import Views, fit_whitening
from technopro.fold import fold_of
from technopro.seeding.gaussian import RIDGE, FittedGaussian, GaussianSeed
from technopro.seeding.seed import worst_positions

KINDS = ("patch", "place")


def score(fitted: FittedGaussian, view: Views) -> np.ndarray:
    return worst_positions(fitted.log_distances(view)).numpy()


def test_pooled_distance_is_the_mahalanobis_distance_to_the_other_fold(tmp_path: Path) -> None:
    view = make_views()
    fitted = GaussianSeed("pooled").fit(make_material(tmp_path, view))
    others = view.pooled[view.folds != 0].numpy().astype(np.float64)
    covariance = np.cov(others.T, bias=True)
    covariance += RIDGE * np.trace(covariance) / 5 * np.eye(5)
    expected = mahalanobis(view.pooled[0], others.mean(0), np.linalg.inv(covariance)) ** 2
    assert np.exp(score(fitted, view)[0]) == pytest.approx(expected, rel=1e-3)


def test_place_takes_each_region_for_itself(tmp_path: Path) -> None:
    """Against NumPy, for a region that is one position: shrunk mean covariance, own mean."""
    view = make_views(80)
    fitted = GaussianSeed("place", "s16").fit(make_material(tmp_path, view))
    others = view.maps["s16"][view.folds != 0].half().double().numpy()  # stored as half floats
    covariances = np.stack(
        [np.cov(others[:, i, j].T, bias=True) for i in range(8) for j in range(8)]
    )
    trust = len(others) / (len(others) + 3.0 * 4)
    own = trust * covariances[8 * 2 + 5] + (1 - trust) * covariances.mean(0)
    mixed = trust * covariances + (1 - trust) * covariances.mean(0)
    own += RIDGE * np.diagonal(mixed, axis1=1, axis2=2).mean() * np.eye(4)
    x, centre = view.maps["s16"][0, 2, 5].numpy(), others[:, 2, 5].mean(0)
    expected = mahalanobis(x, centre, np.linalg.inv(own)) ** 2
    assert float(fitted.log_distances(view)[0, 2, 5].exp()) == pytest.approx(expected, rel=1e-2)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("level", ["s8", "s32"])
def test_an_image_with_one_odd_neighbourhood_scores_worst(
    kind: str, level: str, tmp_path: Path
) -> None:
    view = make_views()
    view.maps[level][7, 2:4, 2:4] += 6.0
    fitted = GaussianSeed(kind, level).fit(make_material(tmp_path, view))
    assert score(fitted, view).argmax() == 7


def test_only_place_sees_what_is_normal_elsewhere(tmp_path: Path) -> None:
    """A texture that belongs to the right half is odd in the left one."""
    view = make_views(80)
    view.maps["s8"][:, :, 8:] += 8.0
    view.maps["s8"][5, 4:8, 2:6] += 8.0
    fitted = {
        kind: GaussianSeed(kind, "s8").fit(make_material(tmp_path / kind, view)) for kind in KINDS
    }
    assert score(fitted["place"], view).argmax() == 5
    assert score(fitted["patch"], view).argmax() != 5


def test_a_window_sees_a_faint_patch_that_single_positions_do_not(tmp_path: Path) -> None:
    view = make_views(80)
    view.maps["s8"][5, 4:9, 4:9] += 0.7
    ranks = []
    for window in (1, 5):
        fitted = GaussianSeed("patch", "s8", window).fit(
            make_material(tmp_path / f"{window}", view)
        )
        ranks.append(int((score(fitted, view) > score(fitted, view)[5]).sum()))
    assert ranks[1] == 0 < ranks[0]


def test_images_left_out_do_not_bend_the_fit(tmp_path: Path) -> None:
    view = make_views(60)
    seed, keep = GaussianSeed("place", "s16"), np.arange(60) >= 20
    clean = seed.fit(replace(make_material(tmp_path / "a", view), keep=keep))
    view.maps["s16"][:20] += 30.0
    bent = seed.fit(replace(make_material(tmp_path / "b", view), keep=keep))
    assert torch.equal(clean.mean, bent.mean)
    assert torch.equal(clean.root, bent.root)


def test_score_does_not_depend_on_who_else_is_scored(tmp_path: Path) -> None:
    view = make_views()
    fitted = GaussianSeed("place", "s8", 3).fit(make_material(tmp_path, view))
    maps = {k: v[3:4] for k, v in view.maps.items()}
    one = Views(view.pooled[3:4], maps, view.picture[3:4], view.folds[3:4])
    assert score(fitted, one)[0] == pytest.approx(score(fitted, view)[3], rel=1e-5)


@pytest.mark.parametrize("shape", [(7, 30), (3, 5), (1, 1)])
def test_maps_of_any_shape_are_cut_into_regions(shape: tuple[int, int], tmp_path: Path) -> None:
    view = make_views(40)
    view = replace(view, maps={**view.maps, "s16": torch.randn(40, *shape, 4)})
    fitted = GaussianSeed("place", "s16").fit(make_material(tmp_path, view))
    assert fitted.log_distances(view).shape == (40, *shape)
    assert torch.isfinite(fitted.log_distances(view)).all()


def test_worst_position_of_a_single_one_is_itself() -> None:
    assert worst_positions(torch.tensor([[[4.0]]])).tolist() == [4.0]


def test_whitening_gives_uncorrelated_unit_variance() -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(5000, 6, generator=generator) @ torch.randn(6, 6, generator=generator) + 3
    z = fit_whitening(x, 6, generator)(x)
    assert torch.allclose(torch.cov(z.T), torch.eye(6), atol=0.02)


def test_rows_come_back_in_the_order_asked_for(tmp_path: Path) -> None:
    file = RowFile(tmp_path / "rows")
    rows = np.arange(24, dtype=np.float16).reshape(4, 3, 2)
    file.append(rows[:1])
    file.append(rows[1:])
    assert np.array_equal(file.read(np.array([3, 0, 3])), rows[[3, 0, 3]])
    assert file.read(np.array([], int)).shape == (0, 3, 2)


def test_fold_is_a_function_of_the_bytes_alone() -> None:
    hashes = [f"{i * 2654435761 % 2**32:08x}" + "0" * 56 for i in range(1000)]
    folds = [fold_of(h) for h in hashes]
    assert folds == [fold_of(h) for h in hashes]
    assert 400 < sum(folds) < 600
