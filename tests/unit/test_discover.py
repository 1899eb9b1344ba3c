import hashlib

import numpy as np
import pytest
import torch

from technopro.patterns import parts
from technopro.patterns.discover import discover, embed, separation
from technopro.patterns.recognise import NOTHING, Known, assign, halves, identify, name_patterns


def blobs(counts: list[int], apart: float = 30.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(len(counts), 40)) * apart / np.sqrt(40)
    truth = np.repeat(np.arange(len(counts)), counts)
    return (centres[truth] + rng.normal(size=(len(truth), 40))).astype(np.float32), truth


@pytest.mark.parametrize("counts", [[80], [60, 60], [100, 40, 20], [30] * 6, [25] * 10])
def test_finds_as_many_patterns_as_there_are(counts: list[int]) -> None:
    points, truth = blobs(counts)
    found = discover(points, [(224, 224)] * len(points), seed=0)
    assert found.count == len(counts)
    for number in range(found.count):
        assert len(set(truth[found.labels == number])) == 1


def test_the_largest_pattern_comes_first() -> None:
    points, _ = blobs([20, 90, 50])
    found = discover(points, [(224, 224)] * len(points), seed=0)
    assert np.bincount(found.labels).tolist() == [90, 50, 20]


def test_images_of_different_shape_are_different_patterns() -> None:
    points, _ = blobs([80])
    found = discover(points, [(224, 224)] * 40 + [(448, 160)] * 40, seed=0)
    assert found.count == 2


@pytest.mark.parametrize("count", [1, 2, 11])
def test_a_handful_of_images_is_one_pattern(count: int) -> None:
    points, _ = blobs([count])
    assert discover(points, [(224, 224)] * count, seed=0).count == 1


def test_equal_images_are_one_pattern() -> None:
    found = discover(np.ones((50, 8), np.float32), [(224, 224)] * 50, seed=0)
    assert found.count == 1


def test_separation_of_two_normal_densities_is_ashmans_d() -> None:
    rng = np.random.default_rng(0)
    points = np.r_[rng.normal(0, 1, (5000, 1)), rng.normal(7, 1, (5000, 1))]
    labels = np.repeat([0, 1], 5000)
    assert separation(points, labels, 0, 1) == pytest.approx(7.0, rel=0.03)


def test_a_local_defect_does_not_move_the_embedding() -> None:
    maps = torch.rand(1, 4, 16, 16, generator=torch.Generator().manual_seed(0))
    spoiled = maps.clone()
    spoiled[:, :, :3, :3] = 50.0
    assert np.abs(embed([maps]) - embed([spoiled])).max() < 0.1


def test_known_patterns_keep_their_names_and_new_ones_are_named_after_an_image() -> None:
    points, _ = blobs([60, 40])
    found = discover(points, [(224, 224)] * 100, seed=0)
    hashes = [hashlib.sha256(bytes([i])).hexdigest() for i in range(100)]
    names = name_patterns(found, points, hashes, {"bracket": found.centres[1] + 0.05})
    assert names[1] == "bracket"
    assert names[0].startswith("p-")
    assert name_patterns(found, points, hashes, {}) == name_patterns(found, points, hashes, {})


def test_the_parts_of_a_split_pattern_get_names_that_nobody_has() -> None:
    points, _ = blobs([30, 30])
    hashes = [hashlib.sha256(bytes([i])).hexdigest() for i in range(60)]
    first = {one.name for one in halves(points, hashes, 0, taken=())}
    again = {one.name for one in halves(points, hashes, 0, taken=first)}
    assert (len(first), len(again), first & again) == (2, 2, set())
    alike = [f"{i % 30:064d}" for i in range(30)] + [f"{i:06d}{1:058d}" for i in range(30)]
    assert len({one.name for one in halves(points, alike[::-1], 0, taken=())}) == 2


@pytest.mark.parametrize("rows", [4096, 150, 7])
def test_every_image_goes_to_its_nearest_centre(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    monkeypatch.setattr(parts, "ROWS", rows)  # at once
    points, truth = blobs([50, 50, 50])
    centres = {f"c{k}": points[truth == k].mean(0) for k in range(3)}
    names, distance = assign(points, centres)
    assert names == [f"c{k}" for k in truth]
    own = np.stack([centres[n] for n in names])
    expected = np.sqrt(np.square((points - own) / points.std(0)).mean(1))
    assert distance == pytest.approx(expected, rel=1e-3)


def two_patterns() -> tuple[np.ndarray, np.ndarray, list[str]]:
    points, truth = blobs([60, 40])
    return points, truth, [f"{i:03}{0:061}" for i in range(100)]


def test_merged_patterns_are_one_and_remember_where_both_lie() -> None:
    points, truth, hashes = two_patterns()
    found = discover(points, [(224, 224)] * 100, seed=0)
    centres = {"a": points[truth == 0].mean(0), "b": points[truth == 1].mean(0)}
    (joined,) = identify(found, points, hashes, Known(centres, {"b": "a"}, ()))
    assert joined.name == "a"
    assert joined.members.tolist() == list(range(100))
    assert set(joined.centres) == {"a", "b"}


def test_a_split_pattern_is_cut_though_discovery_sees_one() -> None:
    points, _ = blobs([80])
    left = points[:, 0] < np.median(points[:, 0])
    found = discover(points, [(224, 224)] * 80, seed=0)
    assert found.count == 1
    centres = {"left": points[left].mean(0), "right": points[~left].mean(0)}
    parts = identify(found, points, [f"{i:064x}" for i in range(80)],
                     Known(centres, {}, [("left", "right")]))  # fmt: skip
    assert {p.name for p in parts} == {"left", "right"}
    assert sorted(np.concatenate([p.members for p in parts]).tolist()) == list(range(80))
    own = next(p for p in parts if p.name == "left")
    assert left[own.members].mean() > 0.9


def test_without_wishes_what_is_discovered_stays() -> None:
    points, truth, hashes = two_patterns()
    found = discover(points, [(224, 224)] * 100, seed=0)
    one, other = identify(found, points, hashes, NOTHING)
    assert one.members.tolist() == np.flatnonzero(truth == 0).tolist()
    assert other.members.tolist() == np.flatnonzero(truth == 1).tolist()
