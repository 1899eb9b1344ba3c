"""Review over a real plant: answers are recorded, taken back, and never overwritten."""

from __future__ import annotations

from pathlib import Path

import filled_plant
import pytest
from dashboard_plant import opened, point_at, written
from streamlit.testing.v1 import AppTest

from technopro import registry
from technopro.plant import Plant


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plant:
    plant = point_at(tmp_path, monkeypatch)
    filled_plant.fill(tmp_path / "home", tmp_path / "images")
    return plant


def said(plant: Plant) -> list[tuple[str, str, str]]:
    with registry.unit_of_work(plant.engine) as session:
        return [(row.actor, row.label, row.lane) for row in registry.verdicts(session)]


def press(app: AppTest, label: str) -> None:
    app.button(key=f"say-{label}").click().run()
    assert not app.exception


def path(app: AppTest) -> str:
    """Return the path of the part that is shown."""
    return written(app).partition('tp-path">')[2].partition("<")[0]


def test_before_the_first_night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    point_at(tmp_path, monkeypatch)
    assert "Nothing to show yet" in written(opened("review"))


def test_a_lane_is_gone_through_and_can_be_taken_back(plant: Plant) -> None:
    app = opened("review")
    app.text_input(key="who").set_value("Aoi").run()
    seen = [path(app)]
    press(app, "ok")
    seen.append(path(app))
    press(app, "defect")
    assert said(plant) == [
        ("Aoi (dashboard)", "defect", "review"),
        ("Aoi (dashboard)", "ok", "review"),
    ]
    third = path(app)
    press(app, "undo")
    assert path(app) == seen[1]
    assert said(plant) == [("Aoi (dashboard)", "ok", "review")]
    press(app, "skip")
    assert path(app) == third
    for _ in range(3):
        press(app, "ok")
    assert path(app) == seen[1]  # what was put off comes last
    press(app, "ok")
    assert "Nothing is left" in written(app)
    assert "5 of 5" in app.get("progress")[0].proto.text


def test_two_people_at_once_give_two_opinions(plant: Plant) -> None:
    first, other = opened("review"), opened("review")
    for app, name in ((first, "Aoi"), (other, "Ken")):
        app.text_input(key="who").set_value(name).run()
    assert path(first) == path(other)
    press(first, "ok")
    press(other, "defect")
    assert sorted(said(plant)) == [
        ("Aoi (dashboard)", "ok", "review"),
        ("Ken (dashboard)", "defect", "review"),
    ]
    assert "judged it meanwhile" in other.toast[0].value
    assert "0 of 1 parts" in written(other)  # they do not agree


def test_a_second_opinion_is_asked_about_what_others_have_judged(plant: Plant) -> None:
    first = opened("review")
    first.text_input(key="who").set_value("Aoi").run()
    judged = path(first)
    press(first, "ok")
    second = opened("review")
    second.text_input(key="who").set_value("Ken").run()
    assert path(second) != judged
    second.toggle(key="second").set_value(True).run()
    assert path(second) == judged


def test_the_random_sample_hides_the_decision_and_tells_the_rates(plant: Plant) -> None:
    app = opened("review", lane="audit")
    assert 'class="tp-score"' not in written(app)
    assert "not sampled yet" in written(app)
    for _ in range(24):
        press(app, "ok")
    shown = written(app)
    assert "0 of 14 looked at" in shown  # escapes: none among all that were called good
    assert "0 of 5 looked at" in shown  # precision


@pytest.mark.parametrize("value", ["", "no lane", "<script>"])
def test_nonsense_in_the_address_is_ignored(plant: Plant, value: str) -> None:
    app = opened("review", lane=value, run=value)
    assert path(app)
