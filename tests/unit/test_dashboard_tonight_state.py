"""Was the night fine? The answer, from facts made by hand."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dashboard.tonight import (
    PatternTonight,
    State,
    Tonight,
    gravest_first,
    state_of,
    told_apart,
    usual_pause,
)
from dashboard.tonight_look import since, sparkline
from dashboard.tonight_next import NAMED, steps
from dashboard.translations import Language
from technopro.registry import AlertRow, DeploymentRow, NightRow, RunRow
from technopro.results import Estimate, PatternNight

MORNING = datetime(2026, 11, 25, 7, tzinfo=UTC)
BEGUN = MORNING - timedelta(hours=5)


def pattern(
    low: float = 0.01,
    high: float = 0.05,
    past: Sequence[float] = (0.02, 0.03, 0.9),
    *,
    separable: bool = True,
    title: str | None = None,
) -> PatternTonight:
    night = PatternNight(
        pattern="p-1", images=10, separable=separable, flagged=1, threshold=0.7,
        defect_share=Estimate((low + high) / 2, low, high), review_threshold=0.6,
        quality=Estimate(0.9, 0.8, 1.0), model_version="v1",
    )  # fmt: skip
    return PatternTonight(night, title, tuple(past), None)


def mostly(past: Sequence[float]) -> PatternTonight:
    """More parts defective than sound."""
    plain = pattern(past=past)
    share = Estimate(0.9, 0.0, 1.0)
    return replace(plain, night=replace(plain.night, defect_share=share))


def alert(level: str) -> AlertRow:
    return AlertRow("x", level, "look", None, None, BEGUN, None, None)  # type: ignore[arg-type]


def run(state: str, silent_s: float = 0.0) -> RunRow:
    alive = MORNING - timedelta(seconds=silent_s)
    return RunRow("r", "score", state, {}, None, BEGUN, None, None, {}, {}, alive)


def tonight(*patterns: PatternTonight, **more: object) -> Tonight:
    night = NightRow("run", 1, "folder", "completed", BEGUN, MORNING, 10, 0)
    plain = Tonight(night, True, patterns, [], [], [], [], 0, [], [], run("completed"))
    return replace(plain, **more)  # type: ignore[arg-type]


def test_the_gravest_pattern_comes_first() -> None:
    usual, more = pattern(title="usual"), pattern(0.02, 0.06, (0.03,), title="more")
    above, silent = pattern(0.5, 0.6, title="above"), pattern(separable=False, title="silent")
    found = sorted([usual, silent, more, above], key=gravest_first)
    assert [one.name for one in found] == ["above", "silent", "more", "usual"]


@pytest.mark.parametrize(
    ("found", "change"),
    [
        (pattern(), "usual"),  # the median of the past, 0.03, lies in 0.01 to 0.05
        (pattern(0.031, 0.05), "above"),
        (pattern(0.03, 0.05), "usual"),  # the edge is still within
        (pattern(0.0, 0.02), "below"),
        (pattern(past=(0.9, 0.9)), "unknown"),
        (mostly(past=(0.02, 0.03, 0.9)), "above"),  # though the interval holds the usual
        (mostly(past=()), "above"),
        (pattern(0.2, 0.7, past=()), "unknown"),
        (pattern(0.5, 0.9, separable=False), "silent"),
        (pattern(0.001, 0.01, past=(0.0, 0.0, 0.0, 0.0)), "above"),  # of a clean pattern
    ],
)
def test_the_change_against_the_own_history(found: PatternTonight, change: str) -> None:
    assert found.change == change


def test_usual_is_the_median_and_needs_three_nights() -> None:
    assert pattern(past=(0.1, 0.2, 0.6, 0.3)).usual == pytest.approx(0.25)
    assert pattern(past=(0.1, 0.2)).usual is None


@pytest.mark.parametrize(
    ("auc", "separable", "told"),
    [(0.8, True, "yes"), (0.79, True, "weak"), (0.79, False, "no"), (0.99, False, "no")],
)
def test_how_well_parts_are_told_apart(auc: float, separable: bool, told: str) -> None:
    night = replace(pattern(separable=separable).night, quality=Estimate(auc, 0.5, 1.0))
    assert told_apart(night) == told


def test_a_night_like_the_others_is_fine() -> None:
    assert state_of(tonight(pattern(), waiting=40), MORNING) == State("fine")
    assert state_of(tonight(pattern(), alerts=[alert("info")]), MORNING) == State("fine")


def test_everything_unusual_is_named() -> None:
    found = tonight(
        pattern(0.2, 0.3, title="Cloth"), pattern(separable=False), alerts=[alert("warning")]
    )
    assert state_of(found, MORNING) == State(
        "look", (("above", ("Cloth",)), ("silent", ("p-1",)), ("alerts", ()))
    )


def test_a_plant_that_knows_no_usual_night_calls_none_fine() -> None:
    assert state_of(tonight(pattern(past=())), MORNING) == State("look", (("young", ()),))
    one_knows = tonight(pattern(past=()), pattern())
    assert state_of(one_knows, MORNING) == State("fine")


def test_a_night_is_not_fine_for_ever() -> None:
    """One after which nothing was inspected is told of, unless nights have paused as long."""
    last = tonight(pattern())
    assert state_of(last, BEGUN + timedelta(hours=36)) == State("fine")
    late = BEGUN + timedelta(hours=37)
    assert state_of(last, late) == State("look", (("overdue", ()),))
    assert steps(last, state_of(last, late))[0].key == "next_overdue"
    assert state_of(replace(last, pause=timedelta(days=3)), late) == State("fine")
    assert state_of(replace(last, newest=False), late) == State("fine")


def test_nights_may_pause_as_long_as_they_did_but_for_one_holiday() -> None:
    def begun(*days: int) -> list[datetime]:
        return [BEGUN + timedelta(days=day) for day in days]

    for none_known in ((), (0,), (0, 9), (0, 1, 2, 12)):
        assert usual_pause(begun(*none_known)) == timedelta(hours=36)
    weekends = (0, 1, 4, 5, 8, 9, 23)  # and a holiday
    assert usual_pause(begun(*reversed(weekends))) == timedelta(days=3)


def test_a_young_plant_is_asked_for_names() -> None:
    first = tonight(pattern(past=()), pattern(past=(), title="Seal"))
    assert [(s.key, s.subject) for s in steps(first, State("look"))][-1] == ("next_name", "1")
    assert "next_name" not in [s.key for s in steps(tonight(pattern()), State("fine"))]


@pytest.mark.parametrize(
    ("latest", "mark"),
    [
        (run("failed"), "unfinished"),
        (run("running", 239), "running"),
        (run("running", 241), "unfinished"),  # 240 s without a sign of life: nobody is at work
        (None, "fine"),
    ],
)
def test_the_newest_run_comes_before_the_figures(latest: RunRow | None, mark: str) -> None:
    assert state_of(tonight(pattern(), latest=latest), MORNING).mark == mark
    older = tonight(pattern(), latest=latest, newest=False)
    assert state_of(older, MORNING).mark == "fine"  # it says nothing of an older night


def test_a_night_that_failed_itself() -> None:
    failed = NightRow("run", 1, "folder", "failed", BEGUN, MORNING, 10, 0)
    assert state_of(tonight(pattern(0.5, 0.6), night=failed), MORNING) == State("unfinished")


def test_a_sparkline_goes_from_nought_to_the_highest_share() -> None:
    say = Language("en")
    assert sparkline([0.1], False, say) == ""
    drawn = sparkline([0.0, 0.2, 0.1], True, say)
    svg = _picture(drawn)
    # 110 x 34 px with an edge of 4: x = 4, 55, 106; y = 30 for 0, 4 for the top, 17 for half
    assert 'points="4.0,30.0 55.0,4.0 106.0,17.0"' in svg
    assert "highest 20.0 %" in drawn
    assert svg.count("#d55e00") == 1
    assert ">highest 20.0 %<" in drawn
    assert "#d55e00" not in _picture(sparkline([0.0, 0.2], False, say))


def _picture(drawn: str) -> str:
    return base64.b64decode(drawn.partition("base64,")[2].partition('"')[0]).decode()


def test_what_to_do_is_told_in_order_of_urgency() -> None:
    above, silent = pattern(0.5, 0.6, title="Seal"), pattern(separable=False)
    fresh = replace(alert("info"), topic="new pattern: p-9", pattern="p-9")
    busy = tonight(
        silent, above, waiting=7, alerts=[alert("warning"), fresh], faulty=[("a.png", "dark")]
    )
    found = steps(busy, state_of(busy, MORNING))
    assert [(step.key, step.subject, step.page) for step in found] == [
        ("next_defects", "2", "samples"),
        ("next_above", "Seal", "samples"),
        ("next_silent", "p-1", "samples"),
        ("next_review", "7", "review"),
        ("next_new", "p-9", "patterns"),
        ("next_alerts", "1", None),
        ("next_unusable", "1", None),
    ]
    assert found[1].query == {"pattern": "p-1", "order": "worst"}
    for code in ("en", "ja"):
        assert all(step.subject in Language(code)(step.key, subject=step.subject) for step in found)


def test_parts_of_a_weak_pattern_are_to_be_looked_at_once() -> None:
    def weak(one: PatternTonight) -> PatternTonight:
        return replace(one, night=replace(one.night, flagged=0, quality=Estimate(0.7, 0.6, 0.9)))

    found = steps(tonight(weak(pattern()), weak(pattern(0.95, 0.99))), State("look"))
    assert [step.key for step in found] == ["next_above", "next_weak"]
    assert found[1].query == {"pattern": "p-1", "order": "random"}


def test_where_nothing_is_unusual_there_is_nothing_to_do() -> None:
    clean = replace(pattern(), night=replace(pattern().night, flagged=0))
    assert steps(tonight(clean), State("fine")) == []
    assert steps(tonight(pattern(0.5, 0.6), waiting=3), State("running")) == []


def test_many_patterns_of_a_kind_are_put_together() -> None:
    many = tonight(*[pattern(0.5, 0.6)] * (NAMED + 2))
    found = steps(many, State("look"))
    told = ["next_defects", *["next_above"] * NAMED, "next_above_more"]
    assert [step.key for step in found] == told
    assert found[-1].subject == "2"


def test_a_night_that_stopped_comes_first() -> None:
    found = steps(tonight(pattern(0.5, 0.6)), State("unfinished"))
    assert [step.key for step in found] == ["next_unfinished", "next_defects", "next_above"]


def test_a_critical_alert_is_read_first_and_no_new_pattern_is_lost() -> None:
    new = [replace(alert("info"), topic=f"new pattern: p-{n}") for n in range(NAMED + 2)]
    clean = replace(pattern(), night=replace(pattern().night, flagged=0))
    found = steps(tonight(clean, waiting=1, alerts=[*new, alert("critical")]), State("look"))
    assert [(step.key, step.subject) for step in found] == [
        ("next_alerts", "1"), ("next_review", "1"),
        *(("next_new", f"p-{n}") for n in range(NAMED)), ("next_new_more", "2"),
    ]  # fmt: skip


def test_an_alert_of_drift_tells_that_the_pattern_was_learned_after_it() -> None:
    """Of another kind, or learned before it, it tells nothing of a model."""
    later, sooner = BEGUN + timedelta(hours=1), BEGUN - timedelta(hours=1)
    drift = replace(alert("warning"), topic="drift of embedding: p-1", pattern="p-1")

    def told(one: AlertRow, learned: datetime | None, before: datetime | None = None) -> str:
        reign = learned and DeploymentRow("p-1", 1, "v2", learned, None, "gate", "")
        night = tonight(replace(pattern(), reign=reign), before=before)
        return since(one, night, Language("en"), lambda at: f"{at:%H:%M}")

    raised, new = f"since {BEGUN:%H:%M}", f"the new model judges since {later:%H:%M}"
    assert told(drift, later) == f"{raised}; learned anew after that, {new}"
    assert told(drift, sooner) == told(drift, None) == raised
    assert told(replace(drift, topic="mostly defective: p-1"), later) == told(drift, later)
    assert told(replace(drift, topic="unusable pictures: p-1"), later) == raised
    assert told(drift, None, before=later) == f"from an earlier night, {BEGUN:%H:%M}"
