"""Whose Swins go on where a pattern drifted, and that it makes another lesson."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from technopro import registry, retrain
from technopro.plant import Options, Plant
from technopro.retrain import Before, _before, _lesson

SWIN = {"name": "swin_small", "reads": "distances"}
SHAPE = (64, 96)


def champion(**other: object) -> Any:  # noqa: ANN401
    recipe = {"swin": SWIN, "shape": list(SHAPE), "blend": {"weights": {"swin": 0.2}}, **other}
    return SimpleNamespace(recipe=recipe, weights_sha256="a" * 64, version="v1")


@pytest.fixture
def bench(plant: Plant) -> Any:  # noqa: ANN401
    backbone = SimpleNamespace(sha256="b" * 64)
    machine = SimpleNamespace(device=torch.device("cpu"), precision=torch.float32)
    return SimpleNamespace(
        plant=plant,
        options=Options(),
        machine=machine,
        extractor=SimpleNamespace(backbone=backbone),
    )


@pytest.mark.parametrize(
    ("champions", "goes_on"),
    [
        ({"p": champion()}, True),
        ({"q": champion()}, False),  # p was retired meanwhile
        ({"p": champion(swin={"name": "swin_tiny", "reads": "pixels"})}, False),
        ({"p": champion(shape=[96, 64])}, False),
        ({"p": champion(blend={"weights": {"swin": 0.0}})}, False),
        ({"p": champion(blend={"weights": {}})}, False),
    ],
)
def test_swins_go_on_that_read_the_same_and_have_a_say(
    bench: Any,  # noqa: ANN401
    monkeypatch: pytest.MonkeyPatch,
    champions: dict[str, Any],
    goes_on: bool,
) -> None:
    monkeypatch.setattr(registry, "champions", lambda _: champions)
    monkeypatch.setattr(retrain, "load_model", lambda _, row: row)
    monkeypatch.setattr(retrain, "restore_swins", lambda model: model.version)
    before = _before(bench, "p", SHAPE, SWIN)
    assert before == (Before(champions["p"], "v1") if goes_on else None)  # type: ignore[arg-type]


def test_to_go_on_is_another_lesson(bench: Any) -> None:  # noqa: ANN401
    swins: Any = None
    other = champion()
    other.weights_sha256 = "c" * 64
    lessons = {
        _lesson(bench, ["d" * 64], SHAPE, SWIN, {}, before)
        for before in (None, Before(champion(), swins), Before(other, swins))
    }
    assert len(lessons) == 3
