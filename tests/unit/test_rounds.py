"""The rounds: what they label, what they remember, when they end."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from technopro.checkpoints import Checkpoints
from technopro.features.scratch import RowFile
from technopro.learner.opinions import better_blend
from technopro.pseudolabel.flight import Flight, restore_flight
from technopro.pseudolabel.inputs import Inputs, Machine
from technopro.pseudolabel.memory import Memory, NoMemory
from technopro.pseudolabel.rounds import RoundsOutcome, RoundsPlan, pseudo_labels, run_rounds
from technopro.pseudolabel.student import Lesson, Student, Teaching, Tensors
from technopro.seeding.places import ADDED, PLACES
from technopro.store import MemoryStore

MACHINE = Machine(torch.device("cpu"), torch.float32)
COUNT, BAD = 80, 10


class Mean(nn.Module):
    """The smallest network that can learn: a logit of the mean of its input."""

    def __init__(self, drop: float = 0.0) -> None:
        super().__init__()
        self.line, self.drop = nn.Linear(1, 1), nn.Dropout(drop)
        nn.init.zeros_(self.line.weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logit: torch.Tensor = self.line(self.drop(x.mean((1, 2, 3))[:, None]))
        return logit


def inputs(path: Path, level: np.ndarray) -> Inputs:
    rows = RowFile(path)
    noise = np.random.default_rng(0).normal(0, 0.1, (len(level), 1, 8, 8))
    rows.append((level[:, None, None, None] + noise).astype(np.float16))
    return Inputs(rows, np.arange(len(level)) % 2)


@pytest.fixture
def lesson(tmp_path: Path) -> Lesson:
    """Ten bad images of eighty, and drawn defects that look like them."""
    bad = np.arange(COUNT) < BAD
    return Lesson(
        inputs(tmp_path / "images", bad * 2.0),
        inputs(tmp_path / "drawn", np.full(COUNT, 2.0)),
        np.arange(COUNT),
    )


def rounds(
    lesson: Lesson,
    verdicts: np.ndarray | None = None,
    seed_score: np.ndarray | None = None,
    memory: Memory = NoMemory(),  # noqa: B008
    drop: float = 0.0,
) -> RoundsOutcome:
    score = np.random.default_rng(1).normal(size=COUNT) + 2 * (np.arange(COUNT) < BAD)
    return run_rounds(
        lesson,
        score if seed_score is None else seed_score,
        np.full(COUNT, np.nan) if verdicts is None else verdicts,
        0.125,
        lambda _: Mean(drop),
        RoundsPlan(Teaching(steps=30, passes=30, learning_rate=0.05)),
        MACHINE,
        0,
        lambda *_: None,
        memory,
    )


class Killed(Exception):
    """The process ends here."""


class Kept(Checkpoints):
    """Remembers so many things, then is killed."""

    def __init__(self, things: int) -> None:
        super().__init__(MemoryStore(), "rounds")
        self.left = things

    def put(self, name: str, tensors: Tensors) -> None:
        if not self.left:
            raise Killed
        self.left -= 1
        super().put(name, tensors)


def test_rounds_that_were_cut_off_anywhere_end_as_if_they_were_not(lesson: Lesson) -> None:
    whole = Kept(1000)
    undisturbed = rounds(lesson, memory=whole, drop=0.1)
    things = 1000 - whole.left
    assert things == 3 * len(undisturbed.history) >= 6
    for after in range(things):
        memory = Kept(after)
        with pytest.raises(Killed):
            rounds(lesson, memory=memory, drop=0.1)
        memory.left = things - after
        torch.rand(after)  # another process draws otherwise
        again = rounds(lesson, memory=memory, drop=0.1)
        assert memory.left == 0  # nothing was done twice
        assert np.array_equal(again.logits, undisturbed.logits)
        assert np.array_equal(again.flight.logits, undisturbed.flight.logits)
        assert again.history == undisturbed.history
        for own, other in zip(again.networks, undisturbed.networks, strict=True):
            for name, values in own.state_dict().items():
                assert torch.equal(values, other.state_dict()[name]), (after, name)
    from_the_end = rounds(lesson, memory=whole, drop=0.1)
    assert np.array_equal(
        from_the_end.networks[0].state_dict()["line.weight"],
        undisturbed.networks[0].state_dict()["line.weight"],
    )


def test_a_weak_seed_becomes_a_sure_opinion(lesson: Lesson) -> None:
    logits = rounds(lesson).logits
    assert logits[:BAD].min() > logits[BAD:].max()


def test_the_recorder_keeps_every_round_and_fold(lesson: Lesson) -> None:
    outcome = rounds(lesson)
    flight, count = outcome.flight, len(outcome.history)
    assert flight.labels.shape == flight.scores.shape == (count, COUNT)
    assert flight.logits.shape == (count, 2, COUNT)
    folds = lesson.images.folds
    assert np.array_equal(flight.logits[-1, folds, np.arange(COUNT)], outcome.logits)
    assert np.isnan(flight.labels[0]).sum() == COUNT - COUNT // 2 - round(0.05 * COUNT)
    again = restore_flight(flight.tensors())
    assert again is not None
    assert np.array_equal(again.logits, flight.logits)
    assert restore_flight({}) is None


def test_instability_is_the_spread_of_the_probability() -> None:
    logits = np.array([[[0.0, 30.0], [0.0, -30.0]], [[0.0, 30.0], [0.0, -30.0]]])
    flight = Flight(np.zeros((2, 2)), np.zeros((2, 2)), logits)
    assert flight.instability == pytest.approx([0.0, 0.5])


def test_a_verdict_takes_the_place_of_a_pseudo_label(lesson: Lesson) -> None:
    verdicts = np.full(COUNT, np.nan)
    verdicts[[0, 40]] = 0.1, 0.9
    labels = rounds(lesson, verdicts).flight.labels
    assert labels[:, 0] == pytest.approx(0.1)
    assert labels[:, 40] == pytest.approx(0.9)


def test_rounds_end_when_they_change_nothing(lesson: Lesson) -> None:
    """A seed that already orders the images as the Swin will is not laboured on."""
    level = lesson.images.read(np.arange(COUNT)).mean((1, 2, 3)).numpy()
    assert len(rounds(lesson, seed_score=level).history) < len(rounds(lesson).history)


def test_the_same_seed_gives_the_same_logits(lesson: Lesson) -> None:
    assert np.array_equal(rounds(lesson).logits, rounds(lesson).logits)


def test_without_defects_nothing_is_labelled_defective() -> None:
    assert not np.nansum(pseudo_labels(np.arange(50.0), 0.0))


def test_a_swin_that_learned_nonsense_is_kept_out_of_the_blend() -> None:
    rng = np.random.default_rng(0)
    bad = np.arange(300) < 30
    own = {name: rng.normal(size=300) + 4 * bad for name in (*ADDED, PLACES)}
    drawn = {name: rng.normal(4, 1, 200) for name in own}
    nobody = np.full(300, np.nan)
    good = better_blend(
        own | {"swin": rng.normal(size=300) + 6 * bad},
        drawn | {"swin": rng.normal(6, 1, 200)},
        nobody,
    )
    shuffled = better_blend(
        own | {"swin": rng.permutation(own[PLACES])},
        drawn | {"swin": rng.normal(0, 1, 200)},
        nobody,
    )
    misled = better_blend(
        own | {"swin": own[PLACES] + rng.normal(size=300)},
        drawn | {"swin": rng.normal(-20, 1, 200)},
        nobody,
    )
    assert good.weights["swin"] > 0.2
    assert shuffled.weights.get("swin", 0.0) < 0.01
    assert "swin" not in misled.weights


@pytest.mark.parametrize(("images", "steps"), [(40, 8), (200, 30)])
def test_few_images_are_not_gone_over_again_and_again(
    tmp_path: Path, images: int, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight times at most: ten of the other fold's twenty are free of defects, a batch holds 16."""
    taught: list[float] = []

    def step(student: Student, *_: object) -> float:
        taught.append(student._optimiser.param_groups[0]["lr"])
        return 0.0

    monkeypatch.setattr(Student, "_step", step)
    own = inputs(tmp_path / "rows", np.zeros(images))
    lesson = Lesson(own, own, np.arange(images))
    teaching = Teaching(steps=30, learning_rate=0.1)
    student = Student(lesson, teaching, MACHINE, Mean(), 0, 0)
    student.learn(np.where(np.arange(images) < images / 2, 0.0, np.nan))
    assert len(taught) == steps
    assert taught[0] == pytest.approx(0.1)
    assert taught == sorted(taught, reverse=True)
    assert taught[steps // 2] == pytest.approx(0.051)
