"""What the models page works out, against values computed by hand."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from dashboard.charts import ABSTAINED, OK
from dashboard.models import Checked, History, by_whom, words
from dashboard.models_compare import card, scatter
from dashboard.models_history import timeline, told_check, why
from dashboard.models_question import deed, details, end_of, start_day
from dashboard.tables import html_table
from dashboard.translations import Language
from technopro.decision.gate import Check, Opinion, compare, standing
from technopro.pseudolabel.flight import Followed
from technopro.registry import AuditRow, DeploymentRow, PatternRow
from technopro.registry.compare import Compared, Pair
from technopro.registry.made import Made
from technopro.results import Decision, Estimate

EN = Language("en")
CHECK = Check("share", False, "b 2", "no", {"low": 0.125, "gap": float("nan")})
NOW = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
TODAY = date(2026, 3, 1)
PAIR = Pair("p", 1, NOW, "r1", "v1", True, "r2", "v2", True)


def audit(action: str, hours: int = 0, actor: str = "run 1", **details: Any) -> AuditRow:  # noqa: ANN401
    return AuditRow(NOW + timedelta(hours=hours), actor, action, "p", details)


def model(number: int, status: str) -> Made:
    return Made(
        number, f"v{number}", status, NOW, "run", None, "none", "0" * 64, {}, None, 0, 9, None
    )


def reign(version: str, until: datetime | None, actor: str = "run 1", why: str = "a") -> Any:  # noqa: ANN401
    return DeploymentRow("p", 1, version, NOW, until, actor, why)


def history(versions: list[Made], rows: list[AuditRow], pruned: set[int] | None = None) -> History:
    pattern = PatternRow("p", None, "active", None, 1, [0.0], NOW, None)
    return History(pattern, versions, [], words(rows), pruned or set(), None)


def test_the_gate_is_read_from_the_audit_log() -> None:
    rows = [
        audit("roll back", 4, version="v1", before="v3", reason="v3 flagged 9 of 10"),
        audit("promote", 3, "Aoi", version="v3", before="v1", reason="by hand"),
        audit("refuse", 2, version="v2", reason="a 1; b 2", checks=[CHECK.recorded()]),
        audit("title", 1, title="x"),
        audit("promote", version="v1", before=None, reason="the first"),
    ]
    found = words(rows)
    assert [(w.version, w.refused, w.checks) for w in found if w.by_gate] == [
        ("v2", True, [Checked("b 2", passed=False, key="share_no", figures={"low": 0.125})]),
        ("v1", False, [Checked("the first")]),
    ]


def opinion(share: float, **more: Any) -> Opinion:  # noqa: ANN401
    scores = np.r_[np.full(90, 0.1), np.linspace(0.5, 0.9, 10)]
    interval = Estimate(share, share / 2, share * 2)
    return Opinion(scores, interval, Estimate(0.9, 0.8, 1.0), True, **more)


def every_check() -> list[Check]:
    """Return each check in each of its cases."""
    sure, lost = opinion(0.1), replace(opinion(0.5), separable=False)
    told = np.r_[np.zeros(90), np.ones(10)]
    broken = replace(sure, scores=np.full(100, np.nan))
    taught = replace(sure, followed=Followed(0.9, 0.001))
    return [
        *standing(sure, sure.scores[:5]), *standing(broken, broken.scores),
        *standing(taught, taught.scores), *compare(sure, sure, told), *compare(sure, lost),
        *compare(lost, lost), Check("champion", True, "the one", "first"),
        Check("champion", True, "cannot be heard", "silent"), Check("weights", False, "odd"),
    ]  # fmt: skip


@pytest.mark.parametrize("code", ["en", "ja"])
def test_every_check_of_the_gate_is_told_in_either_language(code: str) -> None:
    for check in every_check():
        (word,) = words([audit("refuse", version="v", checks=[check.recorded()])])
        line = told_check(word.checks[0], Language(code))
        assert check.words not in line
        assert line.startswith("✓ " if check.passed else "<b>✕ ")


def test_a_check_of_another_kind_is_told_as_it_was_recorded() -> None:
    assert told_check(Checked("<odd> 0.5", passed=True, key="odd"), EN) == "✓ &lt;odd&gt; 0.5"
    assert told_check(Checked("as of old"), EN) == "as of old"


def test_the_figures_of_a_check_are_written_out() -> None:
    share = compare(opinion(0.1), opinion(0.2))[1]
    (word,) = words([audit("promote", version="v", checks=[share.recorded()])])
    assert told_check(word.checks[0], EN) == (
        "✓ A defect share that overlaps that of the champion: 10.0 % to 40.0 %, the champion 5.0 % "
        "to 20.0 %."
    )


def test_only_versions_that_were_judged_fit_and_have_weights_can_be_promoted() -> None:
    versions = [
        model(6, "candidate"), model(5, "champion"), model(4, "challenger"), model(3, "retired"),
        model(2, "retired"), model(1, "retired"),
    ]  # fmt: skip
    found = history(versions, [audit("refuse", version="v2", reason="no")], {1})
    assert [m.id for m in found.promotable()] == [4, 3]
    assert found.status(versions[4]) == "refused"
    assert found.status(versions[3]) == "retired"


def test_the_last_word_about_a_version_counts() -> None:
    rows = [audit("promote", 1, version="v1", reason="by hand"), audit("refuse", version="v1")]
    assert [m.id for m in history([model(1, "retired")], rows).promotable()] == [1]


def test_who_and_why_are_told_shortly() -> None:
    assert by_whom("run 123456789", EN) == "automatic (run 12345678)"
    assert by_whom("Aoi (dashboard)", EN) == "Aoi (dashboard)"
    assert why(reign("v1", None, why="a 1; b 2"), EN) == "passed 2 checks"
    assert why(reign("v1", None, "Aoi", "a 1; b 2"), EN) == "a 1; b 2"


def test_the_timeline_lasts_until_now_and_a_version_has_one_row() -> None:
    again = reign("v1", NOW + timedelta(hours=1))
    reigns = [reign("v2", None), replace(again, since=NOW + timedelta(hours=2), until=None), again]
    drawn = timeline(reigns, NOW + timedelta(hours=4), ZoneInfo("Asia/Tokyo"), EN)
    bars = re.findall(r'title="(v.): [^"]*" style="left:(\S+?);width:(\S+?);.*?(#\w+)"', drawn)
    assert bars == [
        ("v2", "0.00%", "100.00%", OK), ("v1", "50.00%", "50.00%", OK),
        ("v1", "0.00%", "25.00%", ABSTAINED),
    ]  # fmt: skip
    assert re.findall(r"<span>(v.)</span>", drawn) == ["v2", "v1"]
    assert 'title="v1: 2 Mar 2026, 03:00 – 2 Mar 2026, 04:00"' in drawn
    assert re.findall(r'left:(\S+)">([0-9:]+)<', drawn) == [
        ("0.00%", "03:00"), ("25.00%", "04:00"), ("50.00%", "05:00"), ("75.00%", "06:00"),
        ("100.00%", "07:00"),
    ]  # fmt: skip


@pytest.mark.parametrize("wanted", ["", "soon", "2026-03-02", "1999-12-31", "2026-13-01", "<b>"])
def test_a_day_that_is_none_or_yet_to_come_is_today(wanted: str) -> None:
    assert start_day(wanted, TODAY) == TODAY


def test_a_day_ends_at_midnight_of_the_plant() -> None:
    assert start_day("2026-02-28", TODAY) == date(2026, 2, 28)
    assert end_of(TODAY, "Asia/Tokyo") == datetime(2026, 3, 1, 15, 0, tzinfo=UTC)


def test_changes_are_told_in_words_where_there_are_some() -> None:
    assert details(audit("merge", into="p-2", reason="same")) == "into: p-2; reason: same"
    assert deed("promote", EN) == "new champion"
    assert deed("something else", EN) == "something else"


def test_a_card_tells_both_scores_and_escapes_the_path() -> None:
    one = Compared("a" * 64, "<img src=x>.png", 0.1, 0.9, Decision.OK, Decision.DEFECT)
    html = card(one, PAIR, EN)
    assert "0.10 → 0.90" in html
    assert "<img" not in html
    same = Compared("a" * 64, "x", 0.1, 0.2, Decision.OK, Decision.OK)
    assert card(same, PAIR, EN).count("tp-chip") == 1
    assert ">not known<" in card(one, replace(PAIR, first_separable=False), EN)
    drawn = scatter([one, same], PAIR, EN)
    marks = re.findall(r'tp-dot tp-(\w+)" title="([^"]*)" style="left:(\S+?);bottom:(\S+?);', drawn)
    assert marks == [
        ("circle", "x: 0.100 → 0.200", "10.00%", "20.00%"),
        ("triangle", "&lt;img src=x&gt;.png: 0.100 → 0.900", "10.00%", "90.00%"),
    ]
    assert "decision changed" in drawn
    unlike = scatter([same], replace(PAIR, first_separable=False), EN)
    assert "tp-dot tp-triangle" in unlike
    assert (
        "linear-gradient(to bottom right" in drawn
    )  # its middle goes from bottom left to top right


def test_heads_of_a_table_are_escaped() -> None:
    assert "<i>" not in html_table([("<i>", "")], [["<b>made</b>"]])
