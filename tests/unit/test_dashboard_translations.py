"""Every text of the dashboard exists in both languages and is really used."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import chain, product
from pathlib import Path
from typing import get_args, get_type_hints
from zoneinfo import ZoneInfo

import pytest

import dashboard
from dashboard import patterns_change, patterns_drift, report, runs, starting, words
from dashboard.access import ROLES
from dashboard.report_span import OWN
from dashboard.runs_history import ALL
from dashboard.runs_start import WHICH
from dashboard.tonight import Change, Mark, told_apart
from dashboard.translations import Language
from dashboard.words import CATALOGUE
from flows.start import Stage
from technopro.drift.figure import Level
from technopro.due import Reason
from technopro.registry.gallery import ORDERS
from technopro.registry.lifecycle import LIVING
from technopro.results import Decision, Fault
from technopro.settings import AlertLevel

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


def keys(node: ast.expr) -> Iterator[str]:
    """Yield the keys that an argument may be; {} stands for what an f-string fills in."""
    match node:
        case ast.IfExp():
            yield from (*keys(node.body), *keys(node.orelse))
        case ast.JoinedStr():
            parts = (part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
            yield "".join(map(str, parts))
        case ast.Constant(value=str(key)):
            yield key


ASK = (".say", ".say.count", ".Step", "._look")  # what takes a key first; steps are said later


def asked() -> tuple[set[str], set[str]]:
    """Return the keys that the sources ask for: literals, and patterns with {}."""
    found: set[str] = set()
    for call in calls():
        name = f".{ast.unparse(call.func)}"
        if call.args and name.endswith(ASK):
            forms = ("", "_one") if name.endswith(".count") else ("",)
            found |= {key + form for key, form in product(keys(call.args[0]), forms)}
    patterns = {key for key in found if "{}" in key}
    return found - patterns, patterns


def constant(script: str, name: str) -> Collection[str]:
    """Return a constant of a script that would draw a page if it were imported."""
    tree = ast.parse((HOME / script).read_text(encoding="utf-8"))
    assigned = (node for node in tree.body if isinstance(node, ast.Assign))
    value = next(node.value for node in assigned if ast.unparse(node.targets[0]) == name)
    values: Collection[str] = ast.literal_eval(value)
    return values


def stages() -> set[str]:
    """Return the stages whose seconds runs record."""
    sources = (path.read_text(encoding="utf-8") for path in HOME.parent.glob("technopro/**/*.py"))
    return {stage for text in sources for stage in re.findall(r"\.lap\(\"(\w+)\"", text)}


FIGURES = ("flagged", "review", "minutes", "misses", "alarms", "cost")
COMPOSED: dict[str, Collection[str | tuple[str, ...]]] = {
    "by_{}": report.BY,
    "change_{}": (*patterns_change.KINDS, *get_args(Change)),
    "decision_{}": (*Decision, "unknown"),
    "download_{}": report.FORMATS,
    "drift_{}": set(Level) - {Level.STEADY},
    "drift_{}_{}": [*product(chain(*patterns_drift.COLUMNS.values()), ("steady", "changed"))],
    "filter_{}": ("kind", "state"),
    "flow_{}": starting.ROLES,
    "flow_{}_how": starting.ROLES,
    "kind_{}": runs.KINDS,
    "lane_{}": constant("app_pages/review.py", "LANES"),
    "lane_{}_how": constant("app_pages/review.py", "LANES"),
    "latest_{}": ("running", "failed"),
    "level_{}": (*Level, *get_args(AlertLevel)),
    "life_{}": ("running", "silent"),
    "model_{}": ("candidate", "challenger", "champion", "retired", "refused"),
    "models_because_{}": tuple(Reason),
    "next_{}": ("above", "silent", "weak"),
    "next_{}_more": ("above", "silent", "weak"),
    "page_{}": constant("app.py", "PAGES"),
    "param_{}": (),  # one without words keeps its name
    "part_{}": constant("app_pages/models.py", "PARTS"),
    "role_{}": ROLES,
    "run_{}": ("kind", "state", "started_at", "took", "message", *get_args(Stage)),
    "samples_fault_{}": tuple(Fault),
    "samples_{}": (*ORDERS, "families"),
    "samples_{}_how": ORDERS,
    "say_{}": constant("app_pages/review.py", "ANSWERS"),
    "scores_{}": FIGURES,
    "scores_{}_from": ("defect", "review"),
    "scores_{}_help": FIGURES,
    "separable_{}": get_args(get_type_hints(told_apart)["return"]),
    "span_{}": (*report.SPANS, OWN),
    "stage_{}": stages(),
    "state_word_{}": get_args(runs.Shown),
    "state_{}": ("running", "failed"),
    "status_{}": (*LIVING, "merged", "split", "retired"),
    "table_{}": report.TABLES,
    "table_{}_how": report.TABLES,
    "told_{}": ("escapes", "precision"),
    "tonight_why_{}": ("above", "silent", "young"),
    "tonight_{}": ("flagged", "waiting", *get_args(Mark)),
    "which_{}": WHICH,
    "zoom_{}": ("closer", "farther", "whole"),
    "{}_help": ("patterns_tonight", "patterns_drifted", "patterns_watch", "patterns_new",
                "flagged", "to_review", "inspected", "quarantined"),
    "{}_{}": [*product(["kind"], (ALL, *runs.KINDS)),
              *product(["state_word"], (ALL, *runs.STATES))],
}  # fmt: skip


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_no_two_pages_use_one_key() -> None:
    keys = [key for part in words.PARTS for key in part.WORDS]
    assert sorted(keys) == sorted(set(keys))


def test_every_text_asked_for_is_in_the_catalogue() -> None:
    literal, _ = asked()
    assert len(literal) > 200
    assert literal <= set(CATALOGUE)


def test_every_pattern_of_keys_tells_its_values() -> None:
    _, patterns = asked()
    assert patterns == set(COMPOSED)


@pytest.mark.parametrize("pattern", COMPOSED)
def test_every_composed_key_is_in_the_catalogue(pattern: str) -> None:
    values = ((value,) if isinstance(value, str) else value for value in COMPOSED[pattern])
    assert {pattern.format(*value) for value in values} <= set(CATALOGUE)


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
