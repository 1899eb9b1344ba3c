"""What the patterns page works out, against values computed by hand."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from dashboard.charts import ABSTAINED
from dashboard.patterns import called, chip, worst
from dashboard.patterns_drift import told
from dashboard.patterns_map import flat, map_chart, sample_of
from dashboard.patterns_trend import COLOURS, colours, leading, mix, mix_chart, night_labels
from dashboard.share_nights import share_nights
from dashboard.translations import Language
from technopro.drift.figure import DriftFigure, Level, compared
from technopro.registry import TrendRow
from technopro.results import Estimate

TOKYO = ZoneInfo("Asia/Tokyo")
EN = Language("en")
START = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)  # 03:00 of the next day in Tokyo


def row(pattern: str, images: int, night: int = 0, separable: bool = True) -> TrendRow:
    at = START + timedelta(days=night)
    return TrendRow(f"r{night}", night, at, pattern, images, 1, separable, Estimate(0.1, 0.05, 0.2))


def nights(count: int) -> dict[str, datetime]:
    return {f"r{night}": START + timedelta(days=night) for night in range(count)}


def figure(
    level: Level, statistic: str = "share", pattern: str | None = "p", **more: float
) -> DriftFigure:
    values = {"value": 0.25, "p_value": 0.5, "low": 0.1, "high": 0.3, **more}
    return DriftFigure(
        "mix", pattern, statistic, values["value"], values["p_value"], values["low"],
        values["high"], level, "words",
    )  # fmt: skip


def test_of_two_runs_of_a_night_the_worse_level_counts_and_else_the_later() -> None:
    before, after = figure(Level.DRIFTED), figure(Level.STEADY)
    assert worst([before, after]) == [before]
    assert worst([figure(Level.STEADY, value=0.1), after]) == [after]
    other = figure(Level.WATCH, "wasserstein")
    assert worst([before, other]) == [before, other]


def test_the_leading_patterns_are_those_of_most_images() -> None:
    rows = [row("a", 3), row("b", 5), row("a", 3, 1), row("c", 5, 1)]
    assert leading(rows) == ["a", "b", "c"]
    many = [row(f"p{number:02}", 100 - number) for number in range(12)]
    assert leading(many) == [f"p{number:02}" for number in range(len(COLOURS))]


def test_the_mix_is_the_share_of_the_night_and_the_rest_is_put_together() -> None:
    rows = [row("a", 6), row("b", 3), row("c", 2), row("d", 1), row("a", 4, 1)]
    named, first, second = {"a": "A", "b": "B"}, START, START + timedelta(days=1)
    parts = mix(rows, named, "all others")
    assert [tuple(part) for part in parts] == [
        (first, "A", 6, 0.5), (first, "B", 3, 0.25), (first, "all others", 3, 0.25),
        (second, "A", 4, 1.0),
    ]  # fmt: skip
    drawn = mix_chart(parts, named, TOKYO, EN)
    assert re.findall('<path d="([^"]*)" fill="([^"]*)"/>', unquote(drawn)) == [
        ("M30.0 1000.0h440.0v-500.0h-440.0zM530.0 1000.0h440.0v-1000.0h-440.0z", COLOURS[0]),
        ("M30.0 500.0h440.0v-250.0h-440.0z", COLOURS[1]),
        ("M30.0 250.0h440.0v-250.0h-440.0z", ABSTAINED),
    ]
    first_night = "2 Mar 2026, 03:00\nA: 50.0 %, 6 images\nB: 25.0 %, 3 images\nall others: 25.0 %"
    assert f'title="{first_night}' in drawn
    assert re.findall(r'style="left:(\S+?);width:(\S+?)"></i>', drawn) == [
        ("0.00%", "50.00%"), ("50.00%", "50.00%"),
    ]  # fmt: skip


def test_a_night_without_images_has_no_bar() -> None:
    assert mix([row("a", 0)], {"a": "A"}, "rest") == []


def test_a_share_is_drawn_to_scale_at_the_plants_time() -> None:
    """Two nights on an axis that ends at the highest end, by hand; a silent one is grey."""
    drawn = share_nights([row("a", 5), row("a", 5, 1, separable=False)], nights(2), TOKYO, "#abc",
                         EN)  # fmt: skip
    first, second = re.findall(r'title="([^"]*)" style="left:([^;]*);', drawn)
    assert first == ("2 Mar 2026, 03:00: Defect share 10.0 % (5.0 % – 20.0 %)", "24.00%")
    assert second[1] == "74.00%"
    assert re.findall('<path d="([^"]*)" fill="none" stroke="([^"]*)"', unquote(drawn)) == [
        ("M250.0 0.0V750.0", "#abc"), ("M750.0 0.0V750.0", ABSTAINED), ("M250.0 500.0h0", "#abc"),
    ]  # fmt: skip
    assert ">20.0 %<" in drawn
    assert ">10.0 %<" in drawn
    assert re.findall(r'left:([^"]*)">(3/[0-9])<', drawn) == [("25.00%", "3/2"), ("75.00%", "3/3")]


def test_nights_of_one_day_are_told_apart_by_their_times() -> None:
    found = {f"r{hour}": START + timedelta(hours=hour) for hour in range(4)}
    drawn = share_nights([row("a", 5)], found, TOKYO, "#abc", EN)
    assert re.findall(r'left:([^"]*)">([0-9:]+)<', drawn) == [
        ("12.50%", "03:00"),
        ("87.50%", "06:00"),
    ]


def test_one_night_has_one_day_under_it() -> None:
    drawn = share_nights([row("a", 5)], nights(1), TOKYO, "#abc", EN)
    assert drawn.count(">3/2<") == 1


def test_a_young_pattern_stands_where_its_night_is_among_all() -> None:
    drawn = share_nights([row("a", 5, 3)], nights(4), TOKYO, "#abc", EN)
    assert "M875.0 " in drawn
    assert re.findall(r">(3/[0-9])<", drawn) == ["3/2", "3/5"]


def test_the_axis_shows_days_or_within_two_days_times() -> None:
    days = [START + timedelta(days=n) for n in range(20)]
    assert [tick.label for tick in night_labels(days)] == [
        "3/1", "3/4", "3/7", "3/10", "3/13", "3/16", "3/19",
    ]  # fmt: skip
    assert [tick.at for tick in night_labels(days)][:2] == [0.025, 0.175]
    hours = [START, START + timedelta(hours=1)]
    assert [tick.label for tick in night_labels(hours)] == ["18:00", "19:00"]


def test_a_pattern_has_one_colour_on_the_whole_page() -> None:
    assert colours({"a": "A", "b": "B"}) == {"A": COLOURS[0], "B": COLOURS[1]}
    assert len(set(COLOURS)) == len(COLOURS)


def test_the_map_lies_along_the_directions_of_most_spread() -> None:
    points = np.array([[-2.0, 0, 0], [2, 0, 0], [0, 1, 0], [0, -1, 0]], np.float32)
    assert np.allclose(flat(points), [[-2, 0], [2, 0], [0, 1], [0, -1]], atol=1e-6)
    moved = points + np.array([5, 6, 7], np.float32)
    assert np.allclose(flat(moved), flat(points), atol=1e-5)


@pytest.mark.parametrize("points", [np.ones((1, 3)), np.ones((4, 3)), np.ones((2, 1))])
def test_images_that_are_all_alike_lie_on_one_place(points: np.ndarray) -> None:
    assert np.array_equal(flat(points), np.zeros((len(points), 2)))


def test_the_map_shows_each_pattern_in_its_colour_and_form() -> None:
    """Four corners of the map, 3 % from its edges, and what has no spread in its middle."""
    points = {"a": np.array([[0.0, 0.0], [2.0, 4.0]]), "z": np.array([[1.0, 4.0]])}
    drawn = map_chart(points, {"a": "A"}, EN)
    found = re.findall(r'<svg x="(\S+%)" y="(\S+)".*? fill="(\S+)".*?><(\w+)', unquote(drawn))
    assert found == [
        ("3.00%", "97.00%", COLOURS[0], "circle"), ("97.00%", "3.00%", COLOURS[0], "circle"),
        ("50.00%", "3.00%", ABSTAINED, "path"),
    ]  # fmt: skip
    assert re.findall(r">([^<]+)</span>", drawn) == ["A", "all others"]
    alone = map_chart({"a": np.ones((2, 2))}, {"a": "A"}, EN)
    assert unquote(alone).count('x="50.00%" y="50.00%"') == 2


def test_the_sample_is_cut_to_what_a_browser_draws_and_odd_names_are_kept() -> None:
    kept = {
        "</b>/embeddings": np.ones((5, 2), np.float16), "a/embeddings": np.ones((2, 2), np.float16),
        "a/evidence": np.ones(2), "none/embeddings": np.ones((0, 2)), "odd": np.ones((9, 2)),
    }  # fmt: skip
    found = sample_of(kept, most=6)
    assert {name: len(points) for name, points in found.items()} == {"</b>": 3, "a": 2}
    assert sample_of({"odd": np.ones((9, 2))}) == {}


def test_figures_are_told_with_what_is_usual() -> None:
    assert told(figure(Level.STEADY), EN) == "25.0 % (10.0 % – 30.0 %)"
    assert told(figure(Level.DRIFTED), EN) == "Now 25.0 % (10.0 % – 30.0 %)"
    assert told(figure(Level.STEADY, "wasserstein"), EN) == "as usual"
    shifted = figure(Level.WATCH, "wasserstein", value=1.234)
    assert told(shifted, EN) == "Scores have shifted by 1.23 (up to 0.3)"
    assert "(up to 30.0 %)" in told(figure(Level.DRIFTED, "novel_share"), EN)


@pytest.mark.parametrize("code", ["en", "ja"])
@pytest.mark.parametrize(
    "statistic", ["psi", "share", "wasserstein", "mmd2", "trend", "novel_share"]
)
@pytest.mark.parametrize("level", Level)
def test_every_figure_has_words(code: str, statistic: str, level: Level) -> None:
    assert told(figure(level, statistic), Language(code))


def test_a_lone_figure_without_a_p_value_compares_nothing() -> None:
    nothing = DriftFigure("mix", None, "psi", 0.0, None, None, None, Level.STEADY, "none yet")
    assert not compared([nothing])
    assert not compared([])
    assert compared([figure(Level.STEADY)])
    assert compared([nothing, figure(Level.STEADY)])


def test_names_stand_beside_titles_and_labels_are_escaped() -> None:
    assert called("p-1", None) == called("p-1", "") == "p-1"
    assert called("p-1", "bracket") == "bracket (p-1)"
    assert "<b>" not in chip("new", "<b>")


def test_many_nights_share_a_strip_wide_enough_to_point_at() -> None:
    """Of 70 nights three share one, the last has one alone."""
    drawn = share_nights([row("a", 5, n) for n in range(70)], nights(70), TOKYO, "#abc", EN)
    strips = re.findall(r'title="([^"]*)" style="left:([^%]*)%;width:([^%]*)%"', drawn)
    assert [title.count("Defect share") for title, *_ in strips] == [3] * 23 + [1]
    first, width = float(strips[0][1]), float(strips[0][2])
    assert first == pytest.approx(100 * (0.5 / 70 - 0.01), abs=0.01)
    assert width == pytest.approx(100 * (2 / 70 + 0.02), abs=0.01)
