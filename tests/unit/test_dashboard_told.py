"""What the review page tells of the verdicts on a random sample."""

from __future__ import annotations

import pytest
from scipy import stats

from dashboard.told import table
from dashboard.translations import Language
from technopro.decision.corrected import Cell, corrected


def test_rates_are_shown_with_their_exact_intervals() -> None:
    found = corrected([Cell("ok", 1000, 40, 3), Cell("defect", 200, 20, 15)])
    shown = table({"told_night": found}, Language("en"))
    for defects, looked in ((3, 40), (15, 20)):
        low, high = stats.binomtest(defects, looked).proportion_ci(0.9, "exact")
        assert f"{defects / looked * 100:.1f} %" in shown
        assert f"({low * 100:.1f} % – {high * 100:.1f} %)" in shown
        assert str(defects) in shown.split(f"{high * 100:.1f} %)")[1].split("</td>")[0]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_where_nobody_looked_no_rate_is_shown(language: str) -> None:
    say = Language(language)
    nobody = corrected([Cell("ok", 1000, 0, 0), Cell("defect", 200, 20, 15)])
    shown = table({"told_night": nobody, "told_all": None}, say)
    assert shown.count(say("told_nothing")) == 3
    assert shown.count("tp-big") == 1
