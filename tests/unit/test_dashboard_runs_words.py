"""Runs in words and figures, against values worked out by hand."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import technopro
from dashboard.runs import duration_s, going, shown_state, span, stages_s, usual_s
from dashboard.runs_history import asked, durations, stage_chart, stage_name
from dashboard.runs_look import troubles
from dashboard.runs_start import everything, prefect_page, retraining
from dashboard.translations import Language
from dashboard.words import CATALOGUE
from technopro import registry
from technopro.plant import Plant
from technopro.registry import AlertRow, RunRow
from technopro.registry.run_pages import count_runs, page_of_runs
from technopro.registry.tables import Run

MOMENT = datetime(2026, 11, 25, 7, tzinfo=UTC)


def run(
    taken_s: float | None = None, *, silent_s: float = 0, figures: Mapping[str, object] = {}
) -> RunRow:
    ended = None if taken_s is None else MOMENT + timedelta(seconds=taken_s)
    state = "running" if ended is None else "completed"
    alive = MOMENT - timedelta(seconds=silent_s)
    return RunRow("r", "score", state, {}, None, MOMENT, ended, None, figures, {}, alive)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0.0 s"), (0.42, "0.4 s"), (1, "1 s"), (89.4, "89 s"), (90, "2 min"),
        (600, "10 min"), (7170, "2 h 00 min"), (7500, "2 h 05 min"), (-1, "0.0 s"),
    ],
)  # fmt: skip
def test_a_span_of_time(seconds: float, words: str) -> None:
    assert span(seconds, Language("en")) == words


def test_durations_lie_on_a_logarithmic_scale_by_when_they_began() -> None:
    """10 s and 1,000 s between 10 s and 1 h, by hand."""
    later = replace(run(1000), kind="retrain", started_at=MOMENT + timedelta(hours=2),
                    finished_at=MOMENT + timedelta(hours=2, seconds=1000))  # fmt: skip
    drawn = durations([later, run(10), run()], ZoneInfo("Asia/Tokyo"), Language("en"))
    found = re.findall(r'tp-dot tp-(\w+)" title="([^"]*)" style="left:(\S+?);bottom:(\S+?);', drawn)
    height = 100 * math.log(100) / math.log(360)
    assert found == [
        ("triangle", "Learning, 25 Nov 2026, 18:00: 17 min", "100.00%", f"{height:.2f}%"),
        ("square", "Scoring, 25 Nov 2026, 16:00: 10 s", "0.00%", "0.00%"),
    ]
    assert re.findall(r'tp-up" style="top:(\S+?)"><span>([^<]*)<', drawn) == [
        ("100.00%", "10 s"), (f"{100 - 100 * math.log(6) / math.log(360):.2f}%", "60 s"),
        (f"{100 - 100 * math.log(60) / math.log(360):.2f}%", "10 min"), ("0.00%", "60 min"),
    ]  # fmt: skip
    one = [run(400_000)]
    assert "bottom:" in durations(one, ZoneInfo("UTC"), Language("en"))


def test_stages_are_bars_with_their_figures() -> None:
    drawn = stage_chart({"survey": 75.0, "turn": 0.0}, Language("en"))
    assert re.findall(r"left:0.00%;width:(\S+?);", drawn) == ["80.00%", "0.00%"]
    assert re.findall(r"<b[^>]*>([^<]*)</b>", drawn) == ["75 s", "0.0 s"]


def test_how_long_it_took() -> None:
    assert duration_s(run()) is None
    assert duration_s(run(12.5)) == 12.5
    assert usual_s([run(), run(1), run(9), run(2)]) == 2
    assert usual_s([run()]) is None


def test_stages_are_read_where_there_are_any() -> None:
    assert stages_s(run(1, figures={"seconds": {"turn": 1, "survey": 2.5}})) == {
        "turn": 1.0, "survey": 2.5,
    }  # fmt: skip
    assert stages_s(run(1)) == {}
    assert stages_s(run(1, figures={"seconds": None})) == {}


def test_a_run_without_a_sign_of_life_is_silent() -> None:
    assert shown_state(run(silent_s=240), MOMENT) == "running"
    assert shown_state(run(silent_s=241), MOMENT) == "silent"
    assert shown_state(run(3, silent_s=999), MOMENT) == "completed"


def test_every_stage_that_a_run_has_is_told_in_words() -> None:
    code = "".join(p.read_text("utf-8") for p in Path(technopro.__file__).parent.rglob("*.py"))
    stages = {*re.findall(r'\.lap\("(\w+)"\)', code), "patterns"}
    assert len(stages) > 10
    assert {f"stage_{stage}" for stage in stages} <= set(CATALOGUE)
    assert stage_name("turn", Language("en")) == "waiting for its turn"
    assert stage_name("something else", Language("ja")) == "something else"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("threads", 0, ("Threads", "default")),
        ("threads", 2, ("Threads", "2")),
        ("seed", 0, ("Seed", "0")),
        ("patterns", ["a", "b"], ("Only these patterns", "a, b")),
        ("patterns", [], ("Only these patterns", "default")),
        ("verdicts", None, ("Verdicts of people", "default")),
        ("odd", False, ("odd", "False")),
    ],
)
def test_parameters_of_a_run_are_told_in_words(
    name: str, value: object, told: tuple[str, str]
) -> None:
    assert asked(name, value, Language("en")) == told


def test_parameters_of_a_retrain_are_json() -> None:
    assert retraining("new", []) == ['which="new"']
    assert retraining("all", ['<b>"x"</b>', "p=1"]) == [
        'which="all"', 'patterns=["<b>\\"x\\"</b>", "p=1"]',
    ]  # fmt: skip
    assert everything(False) == []
    assert everything(True) == ["everything=true"]


@pytest.mark.parametrize(
    ("environment", "page"),
    [
        ({}, None),
        ({"PREFECT_API_URL": "http://127.0.0.1:4200/api"}, "http://127.0.0.1:4200"),
        ({"PREFECT_API_URL": "https://me:secret@prefect.plant/api/"}, "https://prefect.plant"),
        ({"PREFECT_UI_URL": "http://a:1/ui", "PREFECT_API_URL": "http://b/api"}, "http://a:1/ui"),
        ({"PREFECT_API_URL": "javascript:alert(1)"}, None),
        ({"PREFECT_API_URL": "not an address"}, None),
    ],
)
def test_prefects_page(environment: dict[str, str], page: str | None) -> None:
    assert prefect_page(environment) == page


def test_only_alerts_about_runs_are_troubles_of_runs() -> None:
    topics = ["drift of mix: the night", "flow failed: nightly", "run died: score"]
    found = [AlertRow(t, "warning", "w", None, None, MOMENT, None, None) for t in topics]
    assert [alert.topic for alert in troubles(found)] == topics[1:]


def test_pages_of_runs_follow_each_other_without_gap(plant: Plant) -> None:
    with registry.unit_of_work(plant.engine) as session:
        ids = []
        for number, kind in enumerate(["ingest", "score", "ingest", "ingest", "score"]):
            ids.append(registry.start_run(session, kind, {}, seed=0, device=None))
            session.get_one(Run, ids[-1]).started_at = MOMENT + timedelta(hours=number)
        registry.finish_run(session, ids[0], "failed")
        session.flush()
        pages = [[r.id for r in page_of_runs(session, n, 2)] for n in (1, 2, 3, 4)]
        assert pages == [ids[:2:-1], ids[2:0:-1], ids[:1], []]
        assert count_runs(session) == 5
        assert count_runs(session, kind="ingest") == 3
        assert count_runs(session, kind="ingest", state="failed") == 1
        assert [r.id for r in page_of_runs(session, 1, 9, kind="ingest", state="running")] == [
            ids[3], ids[2],
        ]  # fmt: skip


def test_what_goes_on_is_set_beside_what_is_usual(plant: Plant) -> None:
    with registry.unit_of_work(plant.engine) as session:
        for seconds in (50, 100, 900):
            done = registry.start_run(session, "score", {}, seed=0, device=None)
            registry.finish_run(session, done, "completed")
            row = session.get_one(Run, done)
            row.started_at, row.finished_at = MOMENT, MOMENT + timedelta(seconds=seconds)
        now = registry.start_run(session, "score", {}, seed=0, device=None)
        session.get_one(Run, now).started_at = MOMENT
        session.get_one(Run, now).alive_at = MOMENT + timedelta(seconds=20)
        first = registry.start_run(session, "retrain", {}, seed=0, device=None)
        session.get_one(Run, first).started_at = MOMENT - timedelta(hours=1)
        session.flush()
        found = going(session, MOMENT + timedelta(seconds=25))
    assert [one.run.kind for one in found] == ["score", "retrain"]
    assert (found[0].usual_s, found[0].elapsed_s, found[0].silent_s) == (100, 25, 5)
    assert found[0].share == 0.25
    assert found[1].usual_s is None
    assert found[1].share is None
