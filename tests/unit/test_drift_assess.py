"""A whole night against its reference: levels, false alarms over thirty nights, power."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from drift_nights import CENTRES, CHANNELS, Plant

from technopro.drift.assess import assess
from technopro.drift.control import ALARMS, BUDGET, NIGHTS, levels_of
from technopro.drift.figure import DriftFigure, Finding, Level, percent
from technopro.drift.sample import Night, PatternSample, Reference
from technopro.errors import InputError

PLANT = Plant()


def levels(figures: list[DriftFigure]) -> dict[tuple[str, str | None], Level]:
    """The worst level by kind and pattern."""
    rising = sorted(figures, key=lambda f: list(Level).index(f.level))
    return {(f.kind, f.pattern): f.level for f in rising}


def test_without_reference_or_images_one_steady_figure_says_so() -> None:
    tonight = PLANT.night(np.random.default_rng(0))
    empty = Night({"p-a": PatternSample(0)})
    for night, reference, words in (
        (tonight, Reference(()), "no reference nights yet"),
        (tonight, Reference((empty, Night({}))), "no reference nights yet"),
        (empty, Reference((tonight,)), "no images tonight"),
    ):
        (figure,) = assess(night, reference, 0)
        assert (figure.level, figure.p_value) == (Level.STEADY, None)
        assert words in figure.words


def test_counts_alone_and_a_single_image_can_be_assessed() -> None:
    counted = Night({"p-a": PatternSample(300), "p-b": PatternSample(200)})
    figures = assess(Night({"p-a": PatternSample(1)}), Reference((counted,) * 5), 0)
    assert levels(figures) == {("mix", p): Level.STEADY for p in (None, "p-a", "p-b")}


def test_a_sample_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(InputError, match="not: leave"):
        PatternSample(2, np.array([0.1, np.nan]))
    with pytest.raises(InputError, match="same images"):
        PatternSample(5, np.zeros(5), np.zeros((4, 3)))
    with pytest.raises(InputError, match="at most 2"):
        PatternSample(2, np.zeros(3))


def test_the_budget_is_shared_by_the_tests_of_a_night() -> None:
    assert pytest.approx(ALARMS) == NIGHTS * BUDGET
    assert ALARMS < 1
    assert levels_of(np.zeros(0)) == []
    assert levels_of(np.array([BUDGET])) == [Level.DRIFTED]
    assert levels_of(np.array([BUDGET, 0.9])) == [Level.WATCH, Level.STEADY]
    assert levels_of(np.array([BUDGET / 2, 0.9])) == [Level.DRIFTED, Level.STEADY]


def test_p_values_without_meaning_raise_half_an_alarm_in_thirty_nights() -> None:
    rng = np.random.default_rng(0)
    nights = [levels_of(p) for p in rng.random((6000, 20))]
    alarms = sum(night.count(Level.DRIFTED) for night in nights) / 200
    watches = np.mean([any(level is not Level.STEADY for level in night) for night in nights])
    assert alarms == pytest.approx(ALARMS, abs=0.15)
    assert watches == pytest.approx(0.1, abs=0.02)


def test_a_level_keeps_within_its_bounds() -> None:
    finding = Finding("mix", None, "psi", 0, 0.0, None, None, "as usual", "changed")
    assert finding.settle(Level.DRIFTED).words == "changed"
    held = replace(finding, highest=Level.STEADY).settle(Level.DRIFTED)
    assert (held.level, held.words) == (Level.STEADY, "as usual")
    assert replace(finding, lowest=Level.WATCH).settle(Level.STEADY).level is Level.WATCH
    assert [percent(share) for share in (0, 0.004, 0.0951, 1)] == ["0 %", "0.4 %", "10 %", "100 %"]


def test_thirty_ordinary_nights_raise_less_than_one_alarm() -> None:
    """Mixes more restless than a multinomial, scores and pictures that move a little each night."""
    alarms = []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        reference = Plant(images=100).reference(5, rng)
        nights = [assess(Plant(images=100).night(rng), reference, seed) for _ in range(NIGHTS)]
        alarms.append(sum(f.level is Level.DRIFTED for night in nights for f in night))
    assert np.median(alarms) <= 1
    assert np.mean(alarms) < 1


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        (Plant(lift=2.0), ("scores", "p-a")),
        (Plant(tint=1.0), ("embedding", "p-a")),
        (Plant(shares=(0.03, 0.67, 0.2, 0.1)), ("mix", "p-a")),
    ],
    ids=["scores", "pictures", "mix"],
)
def test_what_matters_is_drift_and_only_where_it_is(changed: Plant, where: tuple[str, str]) -> None:
    found, elsewhere = 0, 0
    for seed in range(3):
        rng = np.random.default_rng(seed)
        figures = levels(assess(changed.night(rng), PLANT.reference(10, rng), seed))
        found += figures[where] is Level.DRIFTED
        elsewhere += sum(v is Level.DRIFTED for k, v in figures.items() if k[0] != where[0])
    assert found >= 2
    assert elsewhere == 0


def test_a_new_product_is_announced_and_not_held_against_the_pattern_it_was_put_to() -> None:
    rng = np.random.default_rng(3)
    reference, tonight = PLANT.reference(8, rng), PLANT.night(rng)
    strange = -CENTRES["p-a"] * 2 + rng.normal(size=(40, CHANNELS))
    own = tonight.patterns["p-a"]
    mixed = PatternSample(
        own.count + 40,
        np.r_[own.evidence, rng.normal(9, 1, 40)],
        np.concatenate([own.embeddings, strange]),
    )
    figures = assess(Night({**tonight.patterns, "p-a": mixed}), reference, 0)
    assert [f.kind for f in figures if f.level is Level.DRIFTED] == ["novelty"]
    assert "40 images look like each other" in figures[-1].words


def test_a_new_product_is_announced_among_what_the_camera_is_blamed_for() -> None:
    rng = np.random.default_rng(6)
    reference, tonight = PLANT.reference(8, rng), PLANT.night(rng)
    strange = -CENTRES["p-a"] * 2 + rng.normal(size=(40, CHANNELS))
    for odd, new in ((strange, True), (strange[:5], False)):
        figures = levels(assess(replace(tonight, odd=odd), reference, 0))
        assert (figures.pop(("novelty", None)) is Level.DRIFTED) == new
        assert Level.DRIFTED not in figures.values()


def test_a_pattern_learned_tonight_is_not_novel() -> None:
    rng = np.random.default_rng(7)
    reference, tonight = PLANT.reference(8, rng), PLANT.night(rng)
    learned = PatternSample(40, rng.normal(size=40), rng.normal(size=(40, CHANNELS)) - 20)
    figures = levels(assess(Night({**tonight.patterns, "p-new": learned}), reference, 0))
    assert figures["novelty", None] is Level.STEADY


def test_a_pattern_that_comes_or_goes_is_compared_where_it_can_be() -> None:
    rng = np.random.default_rng(4)
    reference = Plant(concentration=1e6).reference(8, rng)
    tonight = dict(Plant(concentration=1e6).night(rng).patterns)
    tonight["p-new"] = PatternSample(50)
    del tonight["p-d"]
    figures = levels(assess(Night(tonight), reference, 0))
    assert figures["mix", "p-new"] is figures["mix", "p-d"] is Level.DRIFTED
    assert not {("scores", "p-new"), ("scores", "p-d")} & set(figures)


def test_the_same_images_give_the_same_figures_in_any_order() -> None:
    rng = np.random.default_rng(5)
    reference, tonight = PLANT.reference(4, rng), PLANT.night(rng)

    def turned(night: Night) -> Night:
        samples = {
            name: PatternSample(s.count, s.evidence[::-1], s.embeddings[::-1])
            for name, s in reversed(night.patterns.items())
        }
        return Night(samples)

    again = Reference(tuple(turned(night) for night in reference.nights))
    assert assess(turned(tonight), again, 0) == assess(tonight, reference, 0)
