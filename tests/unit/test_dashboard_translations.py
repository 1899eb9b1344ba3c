"""Every text of the dashboard exists in both languages and is really used."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import dashboard
from dashboard import words
from dashboard.translations import CATALOGUE, Language
from technopro.due import Reason

HOME = Path(dashboard.__file__).parent
SOURCES = [path for path in sorted(HOME.rglob("*.py")) if path.parent.name != "words"]
SHOWS_TEXT = {"title", "header", "subheader", "caption", "write", "markdown", "text", "warning",
              "error", "info", "success", "metric", "selectbox", "toggle", "slider", "button",
              "segmented_control", "checkbox", "toast", "expander", "popover"}  # fmt: skip


def calls() -> Iterator[ast.Call]:
    for source in SOURCES:
        tree = ast.parse(source.read_text(encoding="utf-8"))
        yield from (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def strings(node: ast.AST) -> set[str]:
    constants = (n.value for n in ast.walk(node) if isinstance(n, ast.Constant))
    return {value for value in constants if isinstance(value, str)}


def mentioned() -> tuple[set[str], set[str]]:
    """Return every string literal of the sources, and the beginnings of f-strings."""
    whole: set[str] = set()
    beginnings: set[str] = set()
    for source in SOURCES:
        tree = ast.parse(source.read_text(encoding="utf-8"))
        whole |= strings(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                beginnings.add(str(node.values[0].value))
    return whole, beginnings


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_reason_to_learn_has_words() -> None:
    assert {f"models_because_{reason}" for reason in Reason} <= CATALOGUE.keys()


def test_no_two_pages_use_one_key() -> None:
    keys = [key for part in words.PARTS for key in part.WORDS]
    assert sorted(keys) == sorted(set(keys))


def test_every_text_asked_for_is_in_the_catalogue() -> None:
    asked: set[str] = set()
    for call in calls():
        if isinstance(call.func, ast.Name) and call.func.id == "say" and call.args:
            if isinstance(call.args[0], ast.JoinedStr):
                continue
            asked |= strings(call.args[0])
        elif isinstance(call.func, ast.Attribute) and call.func.attr == "count":
            asked |= strings(call.args[0]) | {f"{key}_one" for key in strings(call.args[0])}
    assert len(asked) > 20
    assert asked <= set(CATALOGUE)


def test_every_text_of_the_catalogue_is_used() -> None:
    whole, beginnings = mentioned()
    stems = {b for b in beginnings if b.endswith("_")}

    def used(key: str) -> bool:
        stem = key.removesuffix("_one").removesuffix("_help")
        return key in whole or stem in whole or any(key.startswith(s) for s in stems)

    assert [key for key in CATALOGUE if not used(key)] == []


@pytest.mark.parametrize("key", CATALOGUE)
def test_both_languages_say_the_same_thing(key: str) -> None:
    """Neither is empty, and both have the same placeholders."""
    english, japanese = CATALOGUE[key]
    assert english.strip()
    assert japanese.strip()
    assert placeholders(english) == placeholders(japanese)


def test_no_text_bypasses_the_catalogue() -> None:
    """What is shown is never a literal in the code."""
    literal = [
        f"{call.func.attr}({ast.unparse(call.args[0])})"
        for call in calls()
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in SHOWS_TEXT
        and call.args
        and isinstance(call.args[0], ast.Constant | ast.JoinedStr)
    ]
    assert literal == []


def test_a_missing_text_is_an_error() -> None:
    with pytest.raises(KeyError):
        Language("en")("no such text")


def test_numbers_shares_and_times() -> None:
    english, japanese = Language("en"), Language("ja")
    moment = datetime(2026, 11, 3, 2, 5, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert english.count("images_count", 1) == "1 image"
    assert english.count("images_count", 12000) == "12,000 images"
    assert japanese.count("images_count", 12000) == "12,000 枚"
    assert english.percent(0.1234) == "12.3 %"
    assert english.when(moment) == "3 Nov 2026, 02:05"
    assert japanese.when(moment) == "2026年11月3日 02:05"
