"""Names and lists of images leave the dashboard without doing harm."""

from __future__ import annotations

import csv
import io

import pytest

from dashboard.access import User
from dashboard.frame import View
from dashboard.samples import NAME, decided, file_name, listing
from dashboard.samples_cards import Look, card_text
from dashboard.translations import Language
from technopro.registry.gallery import Sample
from technopro.results import Decision


def sample(path: str, **changes: object) -> Sample:
    values: dict[str, object] = {
        "sha256": "a" * 64, "path": path, "pattern": "p", "score": 0.25, "fault": None,
        "decision": Decision.REVIEW, "heat_key": None, "like": None,
    }  # fmt: skip
    return Sample(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("line 3/part-7.png", "part-7.png"),
        ("ライン/部品 7.PNG", "部品_7.PNG"),
        ("../../etc/passwd", "passwd"),
        ("a\\b\\c.bmp", "c.bmp"),
        ('x"; rm -rf\n.png', "x_rm_-rf_.png"),
        (".hidden", "hidden"),
        ("..", "image"),
        ("", "image"),
        ("x" * 300 + ".png", "x" * (NAME - 4) + ".png"),
    ],
)
def test_a_file_is_called_by_the_last_part_of_its_path(path: str, name: str) -> None:
    assert file_name(path) == name


def test_a_list_for_a_spreadsheet_holds_no_formula() -> None:
    data = listing([sample("=cmd()"), sample("部品.png", fault="dark", pattern="+p")])
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert rows == [
        ["path", "sha256", "pattern", "score", "decision", "fault"],
        ["'=cmd()", "a" * 64, "p", "0.25", "review", ""],
        ["部品.png", "a" * 64, "'+p", "0.25", "review", "dark"],
    ]


def test_a_list_calls_nothing_good_where_good_and_bad_are_not_told_apart() -> None:
    rows = [sample("a.png", decision=Decision.OK), sample("b.png", decision=Decision.OK,
                                                          pattern="q")]  # fmt: skip
    told = listing(rows, unsure=["q"]).decode("utf-8-sig").splitlines()
    assert [line.split(",")[4] for line in told[1:]] == ["ok", "unknown"]


def test_what_stands_under_a_picture_is_escaped() -> None:
    look = Look(View(Language("en"), User("a", "viewer")), {"p": "<b>t</b>"}, 0.5)
    text = card_text(look, sample("<i>.png", fault="blurred"), None)
    assert "&lt;i&gt;.png" in text
    assert "&lt;b&gt;t&lt;/b&gt; · blurred · no heat map" in text
    assert "0.25" not in text  # a blurred picture has no opinion of its own
    assert "0.25" in card_text(look, sample("a.png"), None)


@pytest.mark.parametrize(
    ("decision", "separable", "called"),
    [
        (Decision.OK, True, "ok"),
        (Decision.OK, False, "unknown"),
        (Decision.REVIEW, False, "review"),
    ],
)
def test_no_part_is_called_good_where_good_and_bad_are_not_told_apart(
    decision: Decision, separable: bool, called: str
) -> None:
    assert decided(decision, separable) == called
