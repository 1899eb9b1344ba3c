"""The morning page over a real plant: the answer first, then figures, alerts and pictures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import filled_plant
import pytest
from dashboard_plant import opened, point_at, written
from sqlalchemy import update
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from dashboard import sections
from dashboard.access import Refused, User
from dashboard.frame import View
from dashboard.tonight import gather
from dashboard.translations import Language
from technopro import registry
from technopro.drift.figure import DriftFigure, Level
from technopro.plant import Plant
from technopro.registry.tables import Alert, Batch, Run
from technopro.results import Estimate

HOSTILE = "<img src=x onerror=alert(1)> **bold** $x$ :red[y]"
RADIAL = "<b>radial</b>"


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plant:
    return point_at(tmp_path, monkeypatch)


@pytest.fixture
def plant(empty: Plant, tmp_path: Path) -> Plant:
    filled_plant.fill(tmp_path / "home", tmp_path / "images")
    return empty


def night_of(plant: Plant) -> str:
    with registry.unit_of_work(plant.engine) as session:
        return registry.nights(session, 1)[0].run_id


def nights_before(plant: Plant, shares: Sequence[float]) -> list[str]:
    """Record nights of all patterns with these shares, the last of them an hour before tonight."""
    made = []
    with registry.unit_of_work(plant.engine) as session:
        tonight = registry.nights(session, 1)[0]
        patterns = registry.night(session, tonight.run_id)
        models = {name: row.id for name, row in registry.champions(session).items()}
        for number, share in enumerate(shares):
            run_id = registry.start_run(session, "score", {}, seed=0, device="cpu")
            batch = Batch(run_id=run_id, source=f"before-{number}", digest=f"{number:064}",
                          images=24, quarantined=0)  # fmt: skip
            session.add(batch)
            session.flush()
            found = [replace(p, images=24, defect_share=Estimate(share, share, share))
                     for p in patterns]  # fmt: skip
            registry.record_night(session, run_id, batch.id, [], found, models, {})
            registry.finish_run(session, run_id, "completed")
            begun = tonight.started_at - timedelta(hours=len(shares) - number)
            run = session.get_one(Run, run_id)
            run.started_at, run.finished_at = begun, begun + timedelta(minutes=9)
            session.flush()
            made.append(run_id)
        session.commit()
    return made


def seen_button(app: AppTest) -> Button:
    """Return the button of the first alert."""
    return next(button for button in app.button if button.label == "Mark as seen")


def press_seen(app: AppTest) -> None:
    seen_button(app).click().run()
    assert not app.exception


def test_before_the_first_run(empty: Plant) -> None:
    page = opened("tonight")
    assert "Nothing to show yet" in written(page)
    assert page.code[0].value == "technopro demo"
    assert not page.metric
    assert not page.warning


def test_a_first_run_that_failed_is_said(empty: Plant) -> None:
    with registry.unit_of_work(empty.engine) as session:
        run_id = registry.start_run(session, "ingest", {}, seed=0, device="cpu")
        registry.finish_run(session, run_id, "failed", message="the power went")
        session.commit()
    assert "did not finish" in opened("tonight").warning[0].value


def test_the_numbers_that_matter(plant: Plant) -> None:
    page = opened("tonight")
    labels = ["Defects", "To review", "Inspected", "Unusable pictures"]
    assert [m.label for m in page.metric] == labels
    assert [m.value for m in page.metric] == ["5", "5", "24", "1"]
    shown = written(page)
    assert "24 images of 3 patterns were inspected: 5 flagged as defect, 5 to review" in shown
    assert "25.0 %" in shown
    assert "10.0 % – 45.0 %" in shown
    assert "Good parts and defects could not be told apart: grain-1. Nothing was flagged" in shown
    assert ">broken.png<" in shown
    assert not page.warning


def test_japanese_is_the_language_until_somebody_chooses(plant: Plant) -> None:
    page = opened("tonight", lang="")
    assert page.title[0].value == "昨夜の結果"
    assert [m.label for m in page.metric] == ["不良判定", "要確認", "検査済み", "使えない画像"]
    assert "flagged" not in written(page)


def test_what_cannot_be_judged_asks_for_a_look(plant: Plant) -> None:
    """Too few nights to call a share unusual, but one pattern cannot be separated."""
    shown = written(opened("tonight"))
    assert 'class="tn-state tn-look"' in shown
    assert re.search(
        r"Good parts and defects could not be told apart: grain-1\. There are too few nights yet "
        r"to know what is usual\. [0-9]+ parts judged defective\. 5 parts to review\.<",
        shown,
    )
    assert "too few nights to compare" in shown


@pytest.mark.parametrize(
    ("shares", "words"),
    [((0.02, 0.03, 0.9), "▲ above usual"), ((0.2, 0.2, 0.2), "● no clear change"),
     ((0.6, 0.6, 0.6), "▼ below usual")],
)  # fmt: skip
def test_shares_are_set_against_the_nights_before(
    plant: Plant, shares: tuple[float, ...], words: str
) -> None:
    """Tonight's interval is 10 to 45 %; the median of the three nights is what is usual."""
    nights_before(plant, shares)
    page = opened("tonight")
    shown = written(page)
    assert shown.count(words) == 2
    assert shown.count("○ not known</span>") == 1
    assert shown.count("nor on the nights before") == 1
    assert '<span class="tp-big">–</span>' in shown  # a share that nobody knows is no number
    told = "More defects than usual: &lt;b&gt;radial&lt;/b&gt;, cloth-1."
    assert (told in shown) is ("above" in words)
    assert shown.count("tn-spark") - shown.count(".tn-spark") == 2


@pytest.mark.parametrize(
    ("days_ago", "late"), [((5.5, 4.5, 3.5, 2.5), True), ((9.5, 6.5, 5.5, 2.5), False)]
)
def test_nothing_inspected_for_longer_than_usual_is_said(
    plant: Plant, days_ago: Sequence[float], late: bool
) -> None:
    """Where nights pause for three days every week, two and a half are nothing to tell."""
    runs = [*nights_before(plant, (0.2, 0.2, 0.2)), night_of(plant)]
    with registry.unit_of_work(plant.engine) as session:
        for run_id, days in zip(runs, days_ago, strict=True):
            session.get_one(Run, run_id).started_at = datetime.now(UTC) - timedelta(days=days)
        session.commit()
    page = opened("tonight")
    assert ("Nothing has been inspected since" in written(page)) is late
    assert links(page)[0].startswith("1. Find out why nothing") is late


def test_an_earlier_night_has_its_own_history(plant: Plant) -> None:
    nights = nights_before(plant, (0.01, 0.02, 0.03, 0.5))
    with registry.unit_of_work(plant.engine) as session:
        night = next(n for n in registry.nights(session) if n.run_id == nights[-1])
        found = gather(session, night, newest=False)
    assert found.patterns[0].past == (0.01, 0.02, 0.03)
    assert not found.quarantined
    shown = written(opened("tonight", run=nights[-1]))
    assert "24 images of 3 patterns" in shown
    assert "Every picture of this night could be used." in shown
    assert "Alerts are shown with the newest night." in shown


def test_the_address_may_name_any_night(plant: Plant) -> None:
    oldest = nights_before(plant, [0.02] * 31)[0]
    page = opened("tonight", run=oldest)
    assert page.selectbox(key="run").value == oldest
    assert len(page.selectbox(key="run").options) == 31
    unknown = opened("tonight", run="' or 1=1")
    assert unknown.selectbox(key="run").value == night_of(plant)
    assert "No run of this name" in written(unknown)


@pytest.mark.parametrize(
    ("state", "words"), [("failed", "did not finish"), ("running", "is going on since")]
)
def test_a_newer_run_that_failed_or_goes_on_is_said_first(
    plant: Plant, state: str, words: str
) -> None:
    with registry.unit_of_work(plant.engine) as session:
        run_id = registry.start_run(session, "score", {}, seed=0, device="cpu")
        if state == "failed":
            registry.finish_run(session, run_id, state, message="the power went")
        upkeep = registry.start_run(session, "maintain", {}, seed=None, device=None)
        registry.finish_run(session, upkeep, "completed")  # hides nothing
        session.commit()
    shown = written(opened("tonight"))
    mark = {"failed": "unfinished", "running": "running"}[state]
    assert f'class="tn-state tn-{mark}"' in shown
    assert words in shown


def test_an_alert_is_shown_until_somebody_has_seen_it(plant: Plant) -> None:
    with registry.unit_of_work(plant.engine) as session:
        registry.raise_alert(session, "a", level="info", words=HOSTILE)
        registry.raise_alert(session, "b", level="critical", words="The disk is full.")
        session.commit()
    page = opened("tonight")
    shown = written(page)
    assert "1 alert open." in shown  # a note asks for nothing
    assert shown.index("The disk is full.") < shown.index("&lt;img src=x")
    press_seen(page)
    assert "The disk is full." not in written(page)
    with registry.unit_of_work(plant.engine) as session:
        closed = next(a for a in registry.alert_history(session) if a.topic == "b")
        assert closed.closed_by == "somebody (dashboard)"
        assert [a.topic for a in registry.open_alerts(session)] == ["a"]
    press_seen(page)
    assert "No alert is open." in written(page)


def test_seen_means_the_alert_that_was_shown(plant: Plant) -> None:
    """A graver alert that comes meanwhile takes the first place, and is not closed unseen."""
    with registry.unit_of_work(plant.engine) as session:
        registry.raise_alert(session, "old", level="warning", words="Old.")
        session.commit()
    page = opened("tonight")
    with registry.unit_of_work(plant.engine) as session:
        registry.raise_alert(session, "new", level="critical", words="New.")
        session.commit()
    press_seen(page)
    with registry.unit_of_work(plant.engine) as session:
        assert [a.topic for a in registry.open_alerts(session)] == ["new"]


def test_alerts_of_the_night_before_say_so_and_those_of_its_own_learning_do_not(
    plant: Plant,
) -> None:
    """An alert a minute before scoring comes of this night's intake or learning."""
    (before,) = nights_before(plant, (0.2,))
    with registry.unit_of_work(plant.engine) as session:
        ended = session.get_one(Run, before).finished_at
        begun = session.get_one(Run, night_of(plant)).started_at
        assert ended is not None
        for topic, at in {"old": ended, "own": begun - timedelta(minutes=1)}.items():
            registry.raise_alert(session, topic, level="warning", words=f"{topic}.")
            session.execute(update(Alert).where(Alert.topic == topic).values(raised_at=at))
        session.commit()
        registry.raise_alert(session, "new", level="warning", words="new.")
        session.execute(update(Alert).where(Alert.topic == "new").values(raised_at=begun))
        session.commit()
    shown = written(opened("tonight"))
    assert "3 alerts open." in shown
    with registry.unit_of_work(plant.engine) as session:
        for topic in ("own", "new"):
            registry.close_alert(session, topic, actor="somebody")
        session.commit()
    assert "1 alert from earlier nights open." in written(opened("tonight"))
    assert re.search(r"</span>old\. <span class=\"tn-since\">from an earlier night, ", shown)
    assert re.search(r"</span>own\. <span class=\"tn-since\">since ", shown)


def test_a_viewer_closes_nothing(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither by the button nor past it."""
    with registry.unit_of_work(plant.engine) as session:
        registry.raise_alert(session, "a", level="warning", words="Look.")
        session.commit()
        alert = registry.open_alerts(session)[0]
    viewer = User("v", "viewer")
    monkeypatch.setattr("dashboard.frame.current_user", lambda: viewer)
    page = opened("tonight")
    assert seen_button(page).disabled
    assert "reviewer" in seen_button(page).help
    with pytest.raises(Refused, match="role reviewer"):
        sections.seen(View(Language("en"), viewer), alert)
    with registry.unit_of_work(plant.engine) as session:
        assert registry.is_open(session, "a")


def test_why_the_night_differs(plant: Plant) -> None:
    """Drift, a new champion and new thresholds since the night before, in plain words."""
    nights_before(plant, (0.2,))
    run_id = night_of(plant)

    def figure(level: Level, value: float, pattern: str | None = None) -> DriftFigure:
        kind, statistic = ("mix", "psi") if pattern is None else ("embedding", "mmd2")
        return DriftFigure(kind, pattern, statistic, value, 0.01, 0.0, 0.1, level, "words")

    with registry.unit_of_work(plant.engine) as session:
        registry.record_drift(session, run_id, [
            figure(Level.STEADY, 0.05), figure(Level.WATCH, 0.4),
            figure(Level.DRIFTED, 0.7, RADIAL),
        ])  # fmt: skip
        registry.set_thresholds(session, "cloth-1", defect=0.7, review=0.3, actor="Aoi",
                                reason="too <i>many</i>")  # fmt: skip
        session.get_one(Run, run_id).finished_at = datetime.now(UTC)
        session.commit()
    shown = written(opened("tonight"))
    drifted = shown.index("Drifted: &lt;b&gt;radial&lt;/b&gt;: its pictures look different")
    assert drifted < shown.index("To watch: The mix of patterns has changed.")
    assert shown.count("The mix of patterns has changed.") == 1  # what is steady is no news
    assert (
        "New thresholds of cloth-1: defect from 0.700, review from 0.300 (Aoi: too &lt;i&gt;"
        in shown
    )
    assert "New model of cloth-1 since" in shown  # promoted between the two nights


def test_the_first_night_has_none_before_it(plant: Plant) -> None:
    assert "This is the first night" in written(opened("tonight"))


def test_what_the_night_before_changed_itself_is_no_news(plant: Plant) -> None:
    (before,) = nights_before(plant, (0.2,))
    with registry.unit_of_work(plant.engine) as session:
        session.get_one(Run, before).finished_at = datetime.now(UTC)
        session.get_one(Run, night_of(plant)).finished_at = datetime.now(UTC)
        session.commit()
    shown = written(opened("tonight"))
    assert "New model of cloth-1 since" not in shown
    assert "This night was not compared with others" in shown
    with registry.unit_of_work(plant.engine) as session:
        steady = DriftFigure("mix", None, "psi", 0.05, 0.5, 0.0, 0.1, Level.STEADY, "words")
        registry.record_drift(session, night_of(plant), [steady])
        session.commit()
    assert "This night, nothing drifted" in written(opened("tonight"))


def links(page: AppTest) -> list[str]:
    return [link.proto.label.replace("\\", "") for link in page.get("page_link")]


def test_what_is_to_be_done_is_told_in_order_and_leads_there(plant: Plant) -> None:
    page = opened("tonight")
    defects, silent, review, names = links(page)
    assert names == "5. Give the patterns the names that people know them by: 3"
    assert defects == "1. Set aside the parts judged defective, and check them: 5"
    assert silent.startswith("2. grain-1: good parts and defects were not told apart.")
    assert review == "3. Review the parts that may be defective: 5"
    assert "4. Unusable pictures, listed below: 1." in written(page).replace("\\", "")
    second = page.get("page_link")[1].proto
    assert "pattern=grain-1" in second.query_string
    assert "order=random" in second.query_string


def test_parts_that_were_judged_wait_no_more(plant: Plant) -> None:
    with registry.unit_of_work(plant.engine) as session:
        run_id = night_of(plant)
        for part in registry.lane_parts(session, run_id, "review", 10):
            registry.give_verdict(session, run_id, part.sha256, actor="Aoi", label="ok",
                                  lane="review")  # fmt: skip
        session.commit()
    page = opened("tonight")
    assert not [label for label in links(page) if "Review the parts" in label]
    assert "parts to review." not in written(page)
