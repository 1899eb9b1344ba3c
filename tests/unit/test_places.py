"""Maps added place by place, and what whole images are told by them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from technopro.features.scratch import ViewFile
from technopro.features.views import FINEST, Views
from technopro.learner.opinions import Heard, blended, hear, usual
from technopro.seeding.combine import Combination, Scale, fit_scale, ranks
from technopro.seeding.places import ADDED, PLACES, Places
from technopro.seeding.seed import better_half, worst_positions

COUNT, BAD, SIDE = 120, 15, 32
NOBODY = np.full(COUNT, np.nan)
DEFECTIVE = np.arange(COUNT) < BAD
CPU = torch.device("cpu")


@dataclass(frozen=True)
class Given:
    """A seed whose maps are what is written in the finest level, a channel each."""

    names: tuple[str, ...]

    def maps(self, view: Views) -> dict[str, torch.Tensor]:
        return dict(zip(self.names, view.maps[FINEST].unbind(3), strict=True))

    def tensors(self) -> dict[str, np.ndarray]:
        return {}


SEEDS = {"all": Given((*ADDED, "autoencoder"))}


def maps(seed: int = 0, faint: float = 2.0) -> torch.Tensor:
    """(N, h, w, 4): noise in which no map alone shows the scratch of the first images well."""
    rng = np.random.default_rng(seed)
    made = rng.normal(0, 1, (COUNT, SIDE, SIDE, 4)).astype(np.float32)
    made[DEFECTIVE, 10, 5:9] += faint
    made[..., 1] = 3 * made[..., 1] + 7  # another unit and another middle
    return torch.from_numpy(made).half().float()


def view_file(folder: Path, values: torch.Tensor) -> ViewFile:
    file = ViewFile(folder, CPU)
    nothing = torch.zeros(len(values), 1)
    picture = torch.zeros(len(values), 1, 1, 3, dtype=torch.uint8)
    file.append(Views(nothing, {FINEST: values}, picture, torch.arange(len(values)) % 2))
    return file


def heard(folder: Path, values: torch.Tensor, told: np.ndarray = NOBODY) -> Heard:
    images, drawn = view_file(folder / "images", values), view_file(folder / "drawn", values[:40])
    return hear(SEEDS, images, drawn, told)


def by_hand(values: torch.Tensor, heard: Heard) -> torch.Tensor:
    total = torch.zeros(values.shape[:3], dtype=torch.float64)
    for channel, name in enumerate(ADDED):
        own = values[..., channel].double()
        low, middle, high = np.quantile(worst_positions(own.float()).numpy(), [0.25, 0.5, 0.75])
        total += heard.places.weights[name] * (own - middle) / ((high - low) / 1.349)
    return total


def test_a_faint_defect_that_all_see_at_one_place_is_seen_in_the_sum(tmp_path: Path) -> None:
    own = heard(tmp_path, maps()).own.whole
    alone = [ranks(DEFECTIVE, own[name]) for name in ADDED]
    by_image = sum(fit_scale(own[name])(own[name]) for name in ADDED)
    assert ranks(DEFECTIVE, own[PLACES]) > max(*alone, ranks(DEFECTIVE, by_image)) + 0.03


def test_the_sum_is_that_of_standardised_maps(tmp_path: Path) -> None:
    values = maps()
    found = heard(tmp_path, values)
    expected = by_hand(values, found).float()
    for scores, summary in ((found.own.whole, worst_positions), (found.own.half, better_half)):
        np.testing.assert_allclose(scores[PLACES], summary(expected), atol=1e-4)
    np.testing.assert_allclose(found.drawn.whole[PLACES], worst_positions(expected)[:40], atol=1e-4)
    assert sum(found.places.weights.values()) == pytest.approx(1.0)


def test_a_map_that_people_contradict_weighs_less(tmp_path: Path) -> None:
    values = maps(faint=4.0)
    values[60:75, 20, 20:24, 2] += 40.0  # one map shouts at good images
    told = NOBODY.copy()
    told[:10], told[60:70] = 0.95, 0.05
    alone, with_people = heard(tmp_path / "a", values), heard(tmp_path / "b", values, told)
    shouts = ADDED[2]
    assert with_people.places.weights[shouts] < alone.places.weights[shouts] - 0.05
    assert ranks(DEFECTIVE, with_people.own.whole[PLACES]) > ranks(
        DEFECTIVE, alone.own.whole[PLACES]
    )


def test_the_sum_counts_for_the_maps_it_is_made_of(tmp_path: Path) -> None:
    own = heard(tmp_path, maps(faint=5.0)).own.whole
    swin = own[PLACES] + np.random.default_rng(0).normal(0, 0.1, COUNT)
    blend = blended(own | {"swin": swin}, NOBODY)
    assert set(blend.weights) == {PLACES, "autoencoder", "swin"}
    assert 2.5 < blend.weights[PLACES] / blend.weights["swin"] < 3.5
    assert sum(blend.weights.values()) == pytest.approx(1.0)


def test_what_images_would_score_without_a_defect_does_not_know_of_it(tmp_path: Path) -> None:
    found = heard(tmp_path, maps(faint=6.0))
    own, half = found.own.whole, found.own.half
    swin = own[PLACES] * 2 + 1
    blend = blended(own | {"swin": swin}, NOBODY)
    sound = usual(blend, half, own | {"swin": swin})  # a Swin whose better halves nobody knows
    evidence = blend(own | {"swin": swin})
    assert ranks(DEFECTIVE, evidence) > 0.95
    assert 0.3 < ranks(DEFECTIVE, sound) < 0.7
    good = ~DEFECTIVE
    assert np.median(sound[good]) == pytest.approx(np.median(evidence[good]), abs=0.2)
    assert np.std(sound[good]) == pytest.approx(np.std(evidence[good]), rel=0.3)


def test_where_people_believe_the_swin_alone_sound_images_have_evidence_too(tmp_path: Path) -> None:
    """A Swin on pixels has no better halves, and people contradict all that has."""
    found = heard(tmp_path, maps(faint=6.0))
    swin = np.random.default_rng(0).normal(size=COUNT) - 4 * DEFECTIVE
    told = np.where(DEFECTIVE, 0.05, 0.95)
    told[60:] = np.nan
    own = {name: score for name, score in found.own.whole.items() if name != "autoencoder"}
    own = {**own, "swin": swin, PLACES: own[PLACES] + 50 * DEFECTIVE}
    blend = Combination(
        {name: fit_scale(score) for name, score in own.items()}, {PLACES: 0.0, "swin": 1.0}, {},
        Scale(0.0, 1.0),
    )  # fmt: skip
    assert np.isfinite(usual(blend, found.own.half, own)).all()


def test_maps_without_weight_may_be_missing() -> None:
    places = Places({"a": Scale(1.0, 2.0), "b": Scale(0.0, 1.0)}, {"a": 1.0, "b": 0.0})
    assert places({"a": torch.full((1, 2, 2), 3.0)}).tolist() == [[[1.0, 1.0], [1.0, 1.0]]]


def test_a_combination_asks_only_for_what_weighs() -> None:
    one = Scale(0.0, 1.0)
    combination = Combination({"a": one, "b": one}, {"a": 1.0, "b": 0.0}, {}, one)
    assert combination({"a": np.array([2.0])}).tolist() == [2.0]
