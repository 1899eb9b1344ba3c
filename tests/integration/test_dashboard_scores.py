"""Scores over a real plant: thresholds are tried, compared, and saved by those who may."""

from __future__ import annotations

from pathlib import Path

import filled_plant
import numpy as np
import pytest
from dashboard_plant import opened, point_at, written
from streamlit.testing.v1 import AppTest

from dashboard.access import Refused, User
from dashboard.frame import View
from dashboard.scores import save
from dashboard.translations import Language
from technopro import registry
from technopro.plant import Plant
from technopro.registry.calibrated import calibrated_scores
from technopro.registry.tables import Prediction

FIRST = filled_plant.PATTERNS[0]
HOSTILE = filled_plant.PATTERNS[2]


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plant:
    plant = point_at(tmp_path, monkeypatch)
    filled_plant.fill(tmp_path / "home", tmp_path / "images")
    return plant


def run_of(plant: Plant) -> registry.NightRow:
    with registry.unit_of_work(plant.engine) as session:
        return registry.nights(session)[0]


def history(plant: Plant, pattern: str) -> list[registry.ThresholdRow]:
    with registry.unit_of_work(plant.engine) as session:
        return registry.threshold_history(session, pattern)


def figures(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def slide(app: AppTest, which: str, value: float) -> None:
    next(s for s in app.slider if s.key and s.key.startswith(f"scores-{which}")).set_value(value)


def score_again(plant: Plant) -> str:
    """Record the first pattern of the night a second time."""
    with registry.unit_of_work(plant.engine) as session:
        old = registry.nights(session)[0]
        model = registry.champions(session)[FIRST]
        run_id = registry.start_run(session, "score", {}, seed=0, device="cpu")
        made = filled_plant._predictions(registry.batch_records(session, old.batch_id))
        own = [p for p in made if p.pattern == FIRST]
        registry.record_night(
            session, run_id, old.batch_id, own, [filled_plant._night(FIRST, own)],
            {FIRST: model.id}, {},
        )  # fmt: skip
        registry.finish_run(session, run_id, "completed")
        session.commit()
    return run_id


def test_before_the_first_night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    point_at(tmp_path, monkeypatch)
    assert "Nothing to show yet" in written(opened("scores"))


def test_the_sliders_begin_at_the_nights_own_thresholds_and_count(plant: Plant) -> None:
    app = opened("scores", pattern=FIRST)
    scores = [1 - 3 * n / 24 for n in range(8)]  # as the plant was filled: 1, 0.875, 0.75, …
    assert figures(app)["Defects"] == "2"
    assert figures(app)["To review"] == "2"  # 0.75 and 0.625
    assert figures(app)["Expected false alarms"] == "0.12"  # 0.125, to two digits
    assert figures(app)["Expected misses"] == f"{sum(scores[4:]):.2f}"
    slide(app, "defect", 0.7)
    slide(app, "review", 0.2)
    app.run()
    assert figures(app)["Defects"] == "3"
    assert figures(app)["To review"] == "4"
    assert figures(app)["Expected misses"] == "0.12"  # 0.125 alone
    assert app.query_params["defect"] == "0.700"
    app.number_input(key="miss").set_value(40.0).run()
    assert figures(app)["Cost, in false alarms"] == f"{40 * 0.125 + 0.375:.2f}"
    app.number_input(key="seconds").set_value(60.0).run()
    assert figures(app)["Minutes of review"] == "4.0"


def test_a_link_shows_the_same_thresholds(plant: Plant) -> None:
    app = opened("scores", pattern=FIRST, defect="0.7", review="0.2", miss="40")
    assert figures(app)["Defects"] == "3"
    assert figures(app)["Cost, in false alarms"] == f"{40 * 0.125 + 0.375:.2f}"
    app.selectbox(key="pattern").set_value(HOSTILE).run()
    assert "defect" not in app.query_params  # those of one pattern mean nothing to another


def test_a_pattern_that_cannot_be_separated_flags_nothing(plant: Plant) -> None:
    app = opened("scores", pattern="grain-1")
    assert figures(app)["Defects"] == "0"
    assert "cannot be told apart" in written(app)


def test_saving_asks_for_a_reason_and_lasts(plant: Plant) -> None:
    app = opened("scores", pattern=FIRST, defect="0.7", review="0.2")
    assert "Nothing was ever set" in written(app)
    app.button(key="scores-save").click().run()
    assert "Not saved" in app.toast[0].value
    assert history(plant, FIRST) == []
    app.text_input(key="scores-why").set_value("<b>too</b> many")
    app.button(key="scores-save").click().run()
    row = history(plant, FIRST)[0]
    assert (row.defect, row.review, row.reason) == (0.7, 0.2, "<b>too</b> many")
    assert "next night" in app.toast[0].value
    assert "these are in force: defect from" in written(app)
    assert "&lt;b&gt;too&lt;/b&gt; many" in written(app)
    assert "<b>too</b>" not in written(app)
    assert app.text_input(key="scores-why").value == ""


def test_thresholds_that_somebody_set_meanwhile_are_not_overwritten(plant: Plant) -> None:
    app = opened("scores", pattern=FIRST, defect="0.7", review="0.2")
    with registry.unit_of_work(plant.engine) as session:
        registry.set_thresholds(session, FIRST, defect=0.9, review=0.8, actor="Ken", reason="less")
        session.commit()
    app.text_input(key="scores-why").set_value("too many")
    app.button(key="scores-save").click().run()
    assert "Ken has set thresholds" in written(app)
    assert [row.actor for row in history(plant, FIRST)] == ["Ken"]


def test_a_viewer_cannot_save(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.frame.current_user", lambda: User("v", "viewer"))
    app = opened("scores", pattern=FIRST)
    assert app.button(key="scores-save").disabled
    assert app.button(key="scores-save").help == "Needs the role engineer."
    forged = View(Language("en"), User("v", "viewer"))
    with pytest.raises(Refused, match="engineer"):
        save(forged, FIRST, 0.7, 0.2, None)
    assert history(plant, FIRST) == []


def test_a_second_night_is_laid_over_the_first(plant: Plant) -> None:
    assert "no other night yet" in written(opened("scores", pattern=FIRST))
    first = run_of(plant).run_id
    second = score_again(plant)
    app = opened("scores", pattern=FIRST, run=first)
    assert app.selectbox(key="against").value == second
    assert written(app).count("25.0 %") == 2  # the estimated share of either
    assert "10.0 % – 45.0 %" in written(app)


def test_a_hostile_name_stays_a_text(plant: Plant) -> None:
    app = opened("scores", pattern=HOSTILE)
    assert app.selectbox(key="pattern").value == HOSTILE
    assert "<b>radial" not in written(app)
    assert figures(app)["Defects"] == "1"


@pytest.mark.parametrize("value", ["", "nan", "<script>", "-1", "99999"])
def test_nonsense_in_the_address_is_ignored(plant: Plant, value: str) -> None:
    names = ("pattern", "run", "defect", "review", "miss", "seconds", "against")
    app = opened("scores", **dict.fromkeys(names, value))
    assert figures(app)["Defects"] == "1"  # of the first pattern by name


def test_pictures_with_a_fault_have_no_probability(plant: Plant) -> None:
    run_id = run_of(plant).run_id
    with registry.unit_of_work(plant.engine) as session:
        every = calibrated_scores(session, run_id, FIRST)
        np.testing.assert_allclose(every, sorted(1 - 3 * n / 24 for n in range(8)))
        rows = session.query(Prediction).filter_by(run_id=run_id, pattern=FIRST)
        rows = rows.order_by(Prediction.score.desc()).limit(2).all()
        rows[0].fault, rows[1].fault = "dark", "duplicate"
        session.flush()
        assert calibrated_scores(session, run_id, FIRST) == every[:-1]
        assert calibrated_scores(session, run_id, "no such") == []
