"""Which patterns a night learns, and why."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from technopro.due import GROWN, Reason, always, among, if_changed, if_new
from technopro.patterns.recognise import Identity

OWN, OTHER = "a" * 64, "b" * 64
IMAGES = 40  # that the champion learned from
BENCH: Any = SimpleNamespace(extractor=SimpleNamespace(backbone=SimpleNamespace(sha256=OWN)))


def champion(backbone: str = OWN) -> Any:  # noqa: ANN401
    return SimpleNamespace(backbone=SimpleNamespace(sha256=backbone), recipe={"images": IMAGES})


def pattern(name: str = "p", parts: Sequence[str] = ("p",)) -> Identity:
    found = {part: np.array([number]) for number, part in enumerate(parts)}
    return Identity(name, found, {})


def changed(
    champions: dict[str, Any], one: Identity, *, sound: int = IMAGES, drifted: bool = False
) -> Reason | None:
    assessment: Any = SimpleNamespace(drifted=lambda name: drifted and name == "p")
    return if_changed(BENCH, champions, assessment, one, range(sound))


@pytest.mark.parametrize(
    ("champions", "one", "sound", "drifted", "reason"),
    [
        ({}, pattern(), IMAGES, False, Reason.NEW),
        ({"p": champion()}, pattern(), IMAGES, False, None),
        ({"p": champion()}, pattern(), IMAGES, True, Reason.DRIFTED),
        ({"p": champion()}, pattern(), GROWN * IMAGES, True, Reason.GROWN),
        ({"p": champion()}, pattern(), GROWN * IMAGES - 1, False, None),
        ({"p": champion(OTHER)}, pattern(), IMAGES, True, Reason.BACKBONE),
        ({"p": champion(), "q": champion()}, pattern("p", "pq"), IMAGES, True, Reason.JOINED),
        ({"p": champion()}, pattern("p", "pq"), IMAGES, False, None),  # q was judged by p before
        ({"p": champion()}, pattern("p", "q"), GROWN * IMAGES, True, None),
    ],
)
def test_a_night_learns_what_has_changed(
    champions: dict[str, Any], one: Identity, sound: int, drifted: bool, reason: Reason | None
) -> None:
    assert changed(champions, one, sound=sound, drifted=drifted) is reason


def test_what_is_asked_for_is_learned_whatever_it_is() -> None:
    assert always(pattern(), ()) is Reason.ASKED
    assert if_new({}, pattern(), ()) is Reason.NEW
    assert if_new({"p": champion()}, pattern(), ()) is None
    assert among({"p"}, always, pattern(), ()) is Reason.ASKED
    assert among({"q"}, always, pattern(), ()) is None
