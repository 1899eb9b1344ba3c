"""Are more files of no use than usual? Against figures worked out by hand."""

from __future__ import annotations

import pytest

from technopro.registry.unusable import Usability
from technopro.usable import more_than_usual


def night(files: int, dark: int = 0) -> Usability:
    return Usability(files, {"dark": dark} if dark else {})


@pytest.mark.parametrize(
    ("tonight", "past", "told"),
    [
        (night(200), [], False),
        (night(200, 100), [], False),  # half is not more than half
        (night(200, 101), [], True),
        (night(200, 2), [night(200)] * 2, False),  # by hand: 1/3 · 199/599 · … = 0.11
        (night(200, 8), [night(200)] * 2, True),  # about (1/3) ** 8
        (night(200, 1), [night(200)] * 14, False),
        (night(200, 20), [night(200)] * 14, True),
        (night(200, 20), [night(200, 18), night(200, 22), night(200, 20)] * 4, False),
        (night(200, 0), [night(200, 20)] * 14, False),  # fewer is no alarm
        (night(0), [night(0)], False),
        (night(200, 20), [night(200, n) for n in (0, 90, 3, 60, 0, 45)], False),  # ever varying
    ],
)
def test_only_more_than_usual_is_told(
    tonight: Usability, past: list[Usability], told: bool
) -> None:
    assert (more_than_usual(tonight, past) is not None) == told


def test_the_words_name_count_kinds_and_what_is_usual() -> None:
    words = more_than_usual(Usability(100, {"dark": 30, "unreadable": 4}), [night(100, 1)] * 5)
    assert words is not None
    assert words.startswith(
        "34 of 100 files say nothing about their part, usually 1.0%: 30 dark, 4 unreadable."
    )
