"""Alerts and changes of a night, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dashboard.told_alerts import KINDS, drifted, told
from dashboard.translations import Language
from technopro.drift.figure import DriftFigure, Level
from technopro.registry import AlertRow

EN, JA = Language("en"), Language("ja")


def alert(topic: str, pattern: str | None = None) -> AlertRow:
    return AlertRow(topic, "warning", "recorded.", None, pattern, datetime.now(UTC), None, None)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("say", [EN, JA])
def test_every_kind_has_its_sentence_and_keeps_what_was_recorded(kind: str, say: Language) -> None:
    sentence, details = told(alert(f"{kind}: p-1", "p-1"), {"p-1": "bracket"}, say)
    assert ("bracket" in sentence) is ("unusable" not in kind and "novelty" not in kind)
    assert details == ("" if kind == "new pattern" else "recorded.")
    assert any(ord(letter) > 0x3000 for letter in sentence) is (say is JA)


def test_the_mix_is_that_of_one_pattern_or_of_all() -> None:
    assert told(alert("drift of mix: the night"), {}, EN)[0] == "The mix of patterns has changed."
    assert told(alert("drift of mix: p-1", "p-1"), {}, EN)[0].startswith("p-1: its share")


def test_what_no_kind_knows_is_told_as_recorded() -> None:
    assert told(alert("something else"), {}, JA) == ("recorded.", "")


def test_a_change_of_a_night_is_told_with_its_figures() -> None:
    figure = DriftFigure("mix", "p-1", "share", 0.22, 0.0, 0.0, 0.022, Level.DRIFTED, "words")
    assert drifted(figure, {"p-1": "bracket"}, EN) == (
        "bracket: its share among the images has changed. Now 22.0 % (0.0 % – 2.2 %)"
    )
    assert "ブラケット: 画像に占める割合" in drifted(figure, {"p-1": "ブラケット"}, JA)
