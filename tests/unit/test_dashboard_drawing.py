"""Drawings as HTML, against places worked out by hand."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest

from dashboard.drawing import (
    Line,
    Mark,
    Tick,
    bar,
    dot,
    dots,
    legend,
    painted,
    part,
    plot,
    rows,
    strip,
    time_ticks,
    upright,
)

START = datetime(2026, 3, 1, 3, 0, tzinfo=ZoneInfo("Asia/Tokyo"))


@pytest.mark.parametrize(
    ("after", "labels"),
    [
        (timedelta(0), ["03:00"]),
        (timedelta(minutes=20), ["03:00", "03:05", "03:10", "03:15", "03:20"]),
        (timedelta(hours=20), ["03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00"]),
        (timedelta(days=5), ["3/2", "3/3", "3/4", "3/5", "3/6"]),
        (timedelta(hours=60), ["12:00", "3/2", "12:00", "3/3", "12:00"]),
        (timedelta(days=40), ["3/8", "3/15", "3/22", "3/29", "4/5"]),
        (timedelta(days=800), ["8/30", "2/28", "8/29", "2/27"]),
    ],
)
def test_an_axis_of_time_has_a_few_round_moments(after: timedelta, labels: list[str]) -> None:
    found = time_ticks(START, START + after)
    assert [tick.label for tick in found][: len(labels)] == labels
    assert len(found) <= 8
    assert all(0 <= tick.at <= 1 for tick in found)


def test_an_axis_without_a_round_moment_tells_its_own() -> None:
    odd = START + timedelta(minutes=7, seconds=23)
    assert time_ticks(odd, odd) == [Tick(0.5, "03:07")]
    assert time_ticks(odd, odd + timedelta(seconds=9)) == [Tick(0.0, "03:07")]


def test_a_moment_lies_where_it_is_though_the_clocks_are_changed() -> None:
    zone = ZoneInfo("Europe/Berlin")
    first, last = datetime(2026, 3, 28, 12, tzinfo=zone), datetime(2026, 3, 29, 12, tzinfo=zone)
    assert part(first + timedelta(days=1), first, last) == 1.0
    assert part(datetime(2026, 3, 29, 9, tzinfo=UTC), first, last) == 22 / 23


def test_ticks_lie_where_their_moments_are() -> None:
    assert time_ticks(START, START + timedelta(hours=2))[0] == Tick(0.0, "03:00")
    first = time_ticks(START, START + timedelta(days=4))[0]
    assert first == Tick(21 / 96, "3/2")  # midnight, 21 hours later
    assert part(START, START, START) == 0.5


def test_everything_that_is_named_is_escaped() -> None:
    bad, good = "<script>", "&lt;script&gt;"
    drawn = (
        dots([Mark(0, 0, "#000", "circle", bad)])
        + legend([("#000", "circle", bad)])
        + plot("", bad, height=1, up=[Tick(0, bad)], across=[Tick(0, bad)], up_name=bad,
               across_name=bad)
        + rows([Line(bad, "")], bad, [Tick(0, bad)])
        + bar(0, 1, "#000", bad)
        + strip(0.5, 0.1, bad)
    )  # fmt: skip
    assert bad not in drawn
    assert drawn.count(good) == 12


def test_marks_lie_in_parts_of_the_width_and_the_height() -> None:
    drawn = dots([Mark(0.25, 0.5, "#abc", "diamond", "x")])
    assert 'class="tp-dot tp-diamond"' in drawn
    assert "left:25.00%;bottom:50.00%;background:#abc" in drawn
    assert upright(0.5, 0.1, 0.3) == "M500.0 700.0V900.0"
    assert 'style="left:45.00%;width:10.00%"' in strip(0.5, 0.1, "x")
    painted_dot = unquote(painted([dot(0.25, 0.25, "#abc", "triangle")]))
    assert '<svg x="25.00%" y="75.00%" overflow="visible" fill="#abc"' in painted_dot
    assert '<path d="M0,-4.5 4.5,4.5 -4.5,4.5z"/>' in painted_dot
    assert "left:10.00%;width:20.00%" in bar(0.1, 0.3, "#abc", "x")
    assert re.findall(r'top:(\S+?)"', plot("", "", height=9, up=[Tick(0.75, "a")])) == ["25.00%"]
