"""The patterns page over a real plant: what it shows, and what people do with it."""

from __future__ import annotations

from pathlib import Path

import filled_plant
import numpy as np
import pytest
from dashboard_plant import opened, point_at, written
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from dashboard.access import User
from technopro import registry
from technopro.alerting import record_and_tell, tell_new_pattern
from technopro.drift.figure import DriftFigure, Level
from technopro.drift.sample import Night, PatternSample
from technopro.drifting import keep_sample
from technopro.plant import Plant
from technopro.registry import PatternRow
from technopro.registry.tables import Run
from technopro.registry.typical import typical

HOSTILE = "<b>radial</b>"


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plant:
    plant = point_at(tmp_path, monkeypatch)
    filled_plant.fill(tmp_path / "home", tmp_path / "images")
    return plant


@pytest.fixture
def run_id(plant: Plant) -> str:
    with registry.unit_of_work(plant.engine) as session:
        return registry.nights(session)[0].run_id


def pattern(plant: Plant, name: str) -> PatternRow:
    with registry.unit_of_work(plant.engine) as session:
        return registry.patterns(session)[name]


def figure(name: str | None, level: Level, statistic: str = "share") -> DriftFigure:
    return DriftFigure("mix", name, statistic, 0.5, 0.01, 0.1, 0.3, level, "words of the registry")


def drifted(plant: Plant, run_id: str, *figures: DriftFigure) -> None:
    with registry.unit_of_work(plant.engine) as session:
        record_and_tell(session, run_id, figures)
        session.commit()


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def confirm(app: AppTest, key: str, reason: str = "because") -> None:
    """Give a reason, tick, and press."""
    app.text_input(key=f"{key}-reason").set_value(reason)
    app.checkbox(key=f"{key}-tick").set_value(True)
    app.button(key=f"{key}-do").click().run()
    assert not app.exception


def forged(monkeypatch: pytest.MonkeyPatch, kind: str, **address: str) -> AppTest:
    """Return the page with a form that whoever it is can send, as a forged browser would."""
    with monkeypatch.context() as patch:
        patch.setattr(User, "may", lambda user, role: True)
        return about_to(opened("patterns", **address), kind)


def test_before_the_first_night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    point_at(tmp_path, monkeypatch)
    assert "Nothing to show yet" in written(opened("patterns"))


def test_a_night_alone_says_what_is_missing_and_escapes_names(plant: Plant) -> None:
    app = opened("patterns")
    shown = written(app)
    assert "was not compared with others" in shown
    assert "No sample was kept" in shown
    assert "&lt;b&gt;radial&lt;/b&gt;" in shown
    assert HOSTILE not in "".join(e.proto.body for e in app.get("html"))
    assert metrics(app)["Patterns this night"] == "3"
    assert metrics(app)["New, to be named"] == "3"  # all are new
    assert shown.count("A new pattern has come") == 3


def test_what_has_changed_stands_first_and_is_counted(plant: Plant, run_id: str) -> None:
    drifted(plant, run_id, figure(None, Level.STEADY, "psi"), figure("cloth-1", Level.STEADY),
            figure(HOSTILE, Level.DRIFTED), figure("grain-1", Level.WATCH))  # fmt: skip
    app = opened("patterns")
    shown = written(app)
    assert metrics(app)["Drifted"] == "1"
    assert metrics(app)["To watch"] == "1"
    table = shown[shown.index(">Level</th>") :]
    order = ["&lt;b&gt;radial", "grain-1", "The whole night", "cloth-1"]
    places = [table.index(name) for name in order]
    assert places == sorted(places)
    assert "Now 50.0 % (10.0 % – 30.0 %)" in table


def test_what_the_nights_own_retrain_found_counts_too(plant: Plant, run_id: str) -> None:
    with registry.unit_of_work(plant.engine) as session:
        night = registry.nights(session)[0]
        retrains = [
            registry.start_run(session, "retrain", {"batch": batch}, seed=0, device="cpu")
            for batch in (night.batch_id, night.batch_id + 1)
        ]
        early = update(Run).where(Run.id.in_(retrains)).values(started_at=night.started_at)
        session.execute(early)
        session.commit()
    drifted(plant, run_id, figure("cloth-1", Level.STEADY))
    drifted(plant, retrains[0], figure("cloth-1", Level.DRIFTED))
    drifted(plant, retrains[1], figure("grain-1", Level.DRIFTED))  # of another batch
    app = opened("patterns")
    assert metrics(app)["Drifted"] == "1"
    assert "Now 50.0 %" in written(app)


def test_the_map_shows_the_kept_sample_beside_typical_images(plant: Plant, run_id: str) -> None:
    random = np.random.default_rng(0)
    samples = {
        name: PatternSample(8, np.zeros(8), random.normal(number, 1, (8, 5)).astype(np.float32))
        for number, name in enumerate(filled_plant.PATTERNS)
    }
    key = keep_sample(plant.store, run_id, Night(samples, np.zeros((0, 5), np.float32)), "ab" * 32)
    with registry.unit_of_work(plant.engine) as session:
        registry.finish_run(session, run_id, "completed", figures={"sample": key})
        session.commit()
        middle = typical(session, run_id, "cloth-1")
        scores = [row.score for row in registry.worst(session, run_id, "cloth-1")]
        shown = {r.sha256: r.score for r in registry.worst(session, run_id, "cloth-1")}
    assert sorted(shown[sha256] for sha256 in middle) == sorted(scores)[2:5]  # of eight
    app = opened("patterns")
    assert "24 images of the night" in written(app)
    assert "Typical images" in written(app)
    plant.store.delete(key)
    assert "24 images of the night" in written(opened("patterns"))  # remembered


def test_a_lost_sample_is_one_calm_line(plant: Plant, run_id: str) -> None:
    with registry.unit_of_work(plant.engine) as session:
        registry.finish_run(session, run_id, "completed", figures={"sample": "nights/gone"})
        session.commit()
    assert "No sample was kept" in written(opened("patterns"))


def test_a_new_pattern_gets_its_name_and_its_alert_closes(plant: Plant, run_id: str) -> None:
    with registry.unit_of_work(plant.engine) as session:
        tell_new_pattern(session, run_id, HOSTILE)
        session.commit()
    app = opened("patterns")
    app.text_input(key=f"first-{HOSTILE}").set_value("  wheel <i>hub</i> ")
    app.button(key=f"first-{HOSTILE}-do").click().run()
    assert not app.exception
    assert (pattern(plant, HOSTILE).title, pattern(plant, HOSTILE).status) == (
        "wheel <i>hub</i>", "active",
    )  # fmt: skip
    with registry.unit_of_work(plant.engine) as session:
        assert registry.open_alerts(session) == []
        assert registry.audit_rows(session, HOSTILE)[0].action == "title"
    assert "<i>" not in "".join(e.proto.body for e in app.get("html"))
    assert metrics(app)["New, to be named"] == "2"


def test_an_empty_name_is_not_saved(plant: Plant) -> None:
    app = opened("patterns")
    app.button(key="first-cloth-1-do").click().run()
    assert "enter a name first" in app.toast[0].value
    assert pattern(plant, "cloth-1").title is None


def about_to(app: AppTest, kind: str) -> AppTest:
    """Choose what is done to the pattern."""
    return app.segmented_control(key="pattern-change").set_value(kind).run()


def test_a_merge_wants_a_reason_and_a_tick(plant: Plant) -> None:
    app = about_to(opened("patterns", pattern="grain-1"), "merge")
    into = next(box for box in app.selectbox if box.key == "into-grain-1")
    into.set_value("cloth-1").run()
    key = "merge-grain-1-cloth-1"
    app.text_input(key=f"{key}-reason").set_value("same part")
    app.button(key=f"{key}-do").click().run()  # without the tick
    assert "Nothing changed" in app.toast[0].value
    assert pattern(plant, "grain-1").living
    confirm(app, key, " same part ")
    row = pattern(plant, "grain-1")
    assert (row.status, row.parent) == ("merged", "cloth-1")
    with registry.unit_of_work(plant.engine) as session:
        entry = registry.audit_rows(session, "grain-1", limit=1)[0]
    assert (entry.actor, entry.details["reason"]) == ("somebody (dashboard)", "same part")


def test_a_pattern_is_retired_and_what_is_over_cannot_be_chosen(plant: Plant, run_id: str) -> None:
    with registry.unit_of_work(plant.engine) as session:
        tell_new_pattern(session, run_id, HOSTILE)
        session.commit()
    app = about_to(opened("patterns", pattern=HOSTILE), "retire")
    confirm(app, f"retire-{HOSTILE}")
    assert pattern(plant, HOSTILE).status == "retired"
    assert HOSTILE not in app.selectbox(key="pattern").options
    with registry.unit_of_work(plant.engine) as session:
        assert registry.open_alerts(session) == []  # nobody is asked to name it any more
    assert "retired" in app.toast[0].value


def test_a_pattern_that_somebody_else_retired_meanwhile_is_one_calm_line(plant: Plant) -> None:
    app = about_to(opened("patterns", pattern="cloth-1"), "retire")
    with registry.unit_of_work(plant.engine) as session:
        registry.retire(session, "cloth-1", actor="other", reason="first")
        session.commit()
    confirm(app, "retire-cloth-1")
    assert "found cloth-1, which is retired" in written(app)


def test_the_command_to_split_is_safe_to_paste(plant: Plant) -> None:
    app = about_to(opened("patterns", pattern=HOSTILE), "split")
    assert "technopro pattern split '<b>radial</b>' --reason" in app.code[0].value


@pytest.mark.parametrize("role", ["viewer", "reviewer"])
def test_who_may_not_change_patterns_changes_nothing(
    plant: Plant, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    monkeypatch.setattr("dashboard.frame.current_user", lambda: User("v", role))  # type: ignore[arg-type]
    app = opened("patterns", pattern="cloth-1")
    assert app.button(key="title-cloth-1-do").disabled == (role == "viewer")
    about_to(app, "retire")
    assert app.button(key="retire-cloth-1-do").disabled
    assert "engineer" in app.button(key="retire-cloth-1-do").help
    app = forged(monkeypatch, "retire", pattern="cloth-1")
    confirm(app, "retire-cloth-1")
    assert pattern(plant, "cloth-1").living
    assert "not yours to do" in written(app)


@pytest.mark.parametrize("value", ["", "no pattern", "<script>"])
def test_nonsense_in_the_address_is_ignored(plant: Plant, value: str) -> None:
    app = opened("patterns", pattern=value, run=value)
    assert app.selectbox(key="pattern").value in filled_plant.PATTERNS
