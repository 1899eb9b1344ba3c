from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.spatial.distance import mahalanobis

from technopro.features.scratch import RowFile, ViewFile
from technopro.features.views import Views, fit_whitening
from technopro.seeding.gaussian import RIDGE, GaussianSeed, worst_neighbourhoods
from technopro.seeding.seed import Material, fold_of


def views(count: int = 60, seed: int = 0) -> Views:
    rng = np.random.default_rng(seed)

    def normal(*shape: int) -> torch.Tensor:
        return torch.from_numpy(rng.normal(size=shape).astype(np.float32))

    maps = {"fine": normal(count, 6, 6, 4), "mid": normal(count, 3, 3, 4)}
    picture = torch.from_numpy(rng.integers(0, 255, (count, 224, 224, 3)).astype(np.uint8))
    return Views(normal(count, 5), maps, picture, torch.arange(count) % 2)


def material(tmp_path: Path, view: Views) -> Material:
    file = ViewFile(tmp_path / "views")
    file.append(view)
    return Material(file, file, np.zeros((0, 6, 6), np.float32))


def test_pooled_score_is_the_mahalanobis_distance_to_the_other_fold(tmp_path: Path) -> None:
    view = views()
    score = GaussianSeed("pooled").fit(material(tmp_path, view), 0).score(view)
    others = view.pooled[view.folds != 0].numpy().astype(np.float64)
    covariance = np.cov(others.T, bias=True) + RIDGE * np.eye(5)
    expected = mahalanobis(view.pooled[0], others.mean(0), np.linalg.inv(covariance)) ** 2
    assert score[0] == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("kind", ["patch", "place", "layout"])
def test_an_image_with_one_odd_neighbourhood_scores_worst(kind: str, tmp_path: Path) -> None:
    view = views()
    view.maps["fine"][7, 2:4, 2:4] += 6.0
    score = GaussianSeed(kind, "fine").fit(material(tmp_path, view), 0).score(view)
    assert score.argmax() == 7


def test_only_place_sees_what_is_normal_elsewhere(tmp_path: Path) -> None:
    """A texture that belongs to the right half is odd in the left one."""
    view = views(80)
    view.maps["fine"][:, :, 3:] += 8.0
    view.maps["fine"][5, 2:4, :2] += 8.0
    fitted = {
        kind: GaussianSeed(kind, "fine").fit(material(tmp_path / kind, view), 0)
        for kind in ("patch", "place")
    }
    assert fitted["place"].score(view).argmax() == 5
    assert fitted["patch"].score(view).argmax() != 5


@pytest.mark.parametrize("kind", ["pooled", "patch", "place", "layout"])
def test_restored_seed_scores_the_same(kind: str, tmp_path: Path) -> None:
    view = views()
    seed = GaussianSeed(kind, "" if kind == "pooled" else "mid")
    fitted = seed.fit(material(tmp_path, view), 0)
    assert np.array_equal(seed.restore(fitted.tensors()).score(view), fitted.score(view))


def test_score_does_not_depend_on_who_else_is_scored(tmp_path: Path) -> None:
    view = views()
    fitted = GaussianSeed("place", "fine").fit(material(tmp_path, view), 0)
    one = Views(
        view.pooled[3:4],
        {k: v[3:4] for k, v in view.maps.items()},
        view.picture[3:4],
        view.folds[3:4],
    )
    assert fitted.score(one)[0] == pytest.approx(fitted.score(view)[3], rel=1e-5)


def test_worst_neighbourhood_of_a_single_position_is_itself() -> None:
    assert worst_neighbourhoods(torch.tensor([[[4.0]]])).tolist() == [4.0]


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
