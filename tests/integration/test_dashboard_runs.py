"""The runs page over a real plant: what goes on, what ran, what failed, and starting a flow."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import filled_plant
import pytest
from dashboard_plant import opened, point_at, written

from dashboard import starting
from dashboard.access import Refused, User
from dashboard.frame import View
from dashboard.translations import Language
from flows.start import Started
from technopro import registry
from technopro.errors import TechnoproError
from technopro.plant import Plant
from technopro.registry.tables import Run

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plant:
    for name in ("PREFECT_API_URL", "PREFECT_UI_URL"):
        monkeypatch.delenv(name, raising=False)
    return point_at(tmp_path, monkeypatch)


@pytest.fixture
def plant(empty: Plant, tmp_path: Path) -> Plant:
    filled_plant.fill(tmp_path / "home", tmp_path / "images")
    return empty


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str]]]:
    """What was asked of Prefect, of which no test here starts a server."""
    wishes: list[tuple[str, list[str]]] = []

    def start(flow: str, given: Sequence[str]) -> Started:
        wishes.append((flow, list(given)))
        return Started("1", "calm-otter", "")

    monkeypatch.setattr(starting, "_start", start)
    monkeypatch.setattr(starting, "_stage", lambda _run: "waiting")
    return wishes


def add_run(plant: Plant, kind: str, state: str, *, silent_s: float = 0, **more: object) -> str:
    with registry.unit_of_work(plant.engine) as session:
        run_id = registry.start_run(session, kind, {"batch": 1}, seed=0, device="cpu")
        if state != "running":
            registry.finish_run(session, run_id, state, **more)  # type: ignore[arg-type]
        session.get_one(Run, run_id).alive_at = datetime.now(UTC) - timedelta(seconds=silent_s)
        session.commit()
    return run_id


def rows(shown: str) -> int:
    """Return how many runs the table of the history has."""
    return shown.partition("What went wrong</th>")[2].partition("</table>")[0].count("<tr>")


def audit(plant: Plant) -> list[tuple[str, str, str]]:
    with registry.unit_of_work(plant.engine) as session:
        found = [row for row in registry.audit_rows(session) if row.action == "start flow"]
        return [(row.actor, row.subject, str(row.details["parameters"])) for row in found]


def test_before_the_first_run(empty: Plant) -> None:
    page = opened("runs")
    shown = written(page)
    assert "Nothing is running." in shown
    assert "Nothing has run yet." in shown
    assert page.button(key="start-nightly")


def test_what_runs_is_shown_with_its_signs_of_life(plant: Plant) -> None:
    add_run(plant, "retrain", "running", silent_s=20)
    shown = written(opened("runs"))
    assert "… running" in shown
    assert re.search(r"last sign of life [23]\d s ago", shown)
    assert "process" in shown


def test_a_run_that_was_killed_is_said_to_be_silent(plant: Plant) -> None:
    add_run(plant, "score", "running", silent_s=600)
    shown = written(opened("runs"))
    assert "no sign of life for 10 min" in shown
    assert "! no sign of life" in shown


def test_what_failed_is_said_in_plain_words_and_never_markup(plant: Plant) -> None:
    add_run(plant, "score", "failed", message=f"no memory {HOSTILE}")
    with registry.unit_of_work(plant.engine) as session:
        registry.raise_alert(session, "flow failed: nightly", level="critical", words="No memory.")
        registry.raise_alert(session, "drift of mix: the night", level="warning", words="Mixed.")
        session.commit()
    page = opened("runs")
    assert "failed or died on" in page.warning[0].value
    assert len(page.warning) == 1
    assert "No memory." in [text.value for text in page.text]
    html = "\n".join(element.proto.body for element in page.get("html"))
    assert "no memory &lt;img src=x" in html
    assert HOSTILE not in html


def test_the_history_is_filtered_and_the_address_keeps_it(plant: Plant) -> None:
    add_run(plant, "maintain", "completed")
    add_run(plant, "score", "failed", message="away")
    page = opened("runs")
    assert rows(written(page)) == 4  # intake and scoring of the night, upkeep, the failure
    page.segmented_control(key="kind").set_value("score").run()
    assert rows(written(page)) == 2
    page.segmented_control(key="state").set_value("failed").run()
    assert rows(written(page)) == 1
    again = opened("runs", kind="score", state="failed")
    assert rows(written(again)) == 1
    none = opened("runs", kind="retrain", state="failed")
    assert "No run of this kind and state." in written(none)


def test_many_runs_are_paged_and_a_filter_on_the_last_page_shows_what_is_left(plant: Plant) -> None:
    for _ in range(21):
        add_run(plant, "maintain", "completed")
    page = opened("runs")
    assert rows(written(page)) == 20
    page.pagination(key="sheet").set_value(2).run()
    assert rows(written(page)) == 3
    page.segmented_control(key="kind").set_value("score").run()
    assert not page.exception
    assert rows(written(page)) == 1
    assert rows(written(opened("runs", sheet="2"))) == 3
    for nonsense in ("0", "-1", "99", "x", "9" * 5000):
        assert rows(written(opened("runs", sheet=nonsense))) in (20, 3)


@pytest.mark.parametrize("value", ["", "no such thing", "<script>", "9" * 5000])
def test_nonsense_in_the_address_is_ignored(plant: Plant, value: str) -> None:
    page = opened("runs", kind=value, state=value, detail=value, sheet=value)
    assert rows(written(page)) == 2


def test_one_run_in_detail(plant: Plant) -> None:
    run_id = add_run(plant, "retrain", "completed",
                     figures={"seconds": {"survey": 75.0, "turn": 0.2}, "peak_rss_mb": 2172.4},
                     )  # fmt: skip
    page = opened("runs", detail=run_id)
    assert page.selectbox(key="detail").value == run_id
    shown = written(page)
    assert "2,172 MB" in shown
    assert run_id in shown
    assert 'class="tp-plot"' in shown  # durations …
    assert 'class="tp-rows"' in shown  # … and stages


def test_a_night_is_started_and_noted(plant: Plant, asked: list[tuple[str, list[str]]]) -> None:
    page = opened("runs")
    page.toggle(key="start-everything").set_value(True).run()
    page.button(key="start-nightly").click().run()
    assert asked == [("nightly", ["everything=true"])]
    assert page.info[0].value == r"calm\-otter waits for a worker."
    assert audit(plant) == [("somebody (dashboard)", "nightly", "['everything=true']")]


def test_a_retrain_of_chosen_patterns(plant: Plant, asked: list[tuple[str, list[str]]]) -> None:
    """Only patterns that live can be chosen, and hostile names go as JSON."""
    with registry.unit_of_work(plant.engine) as session:
        registry.retire(session, "grain-1", actor="test", reason="gone")
        session.commit()
    page = opened("runs")
    assert page.multiselect(key="start-patterns").options == ["<b>radial</b>", "cloth-1"]
    page.segmented_control(key="start-which").set_value("all").run()
    page.multiselect(key="start-patterns").set_value(["<b>radial</b>"]).run()
    page.button(key="start-retrain").click().run()
    assert asked == [("retrain", ['which="all"', 'patterns=["<b>radial</b>"]'])]


@pytest.mark.parametrize(
    ("end", "words"),
    [("completed", "is done."), ("failed", "has failed; the page Runs says why.")],
)
@pytest.mark.parametrize("where", ["runs", "patterns"])
def test_a_started_flow_is_followed_to_its_end(
    plant: Plant,
    monkeypatch: pytest.MonkeyPatch,
    asked: list[tuple[str, list[str]]],
    where: str,
    end: str,
    words: str,
) -> None:
    page = opened(where)
    page.button(key="start-new_pattern").click().run()
    assert asked == [("new_pattern", [])]
    assert "waits for a worker" in page.info[0].value
    monkeypatch.setattr(starting, "_stage", lambda _run: "running")
    page.run()
    assert "is running" in page.info[0].value
    monkeypatch.setattr(starting, "_stage", lambda _run: end)
    page.run()
    (told,) = page.success if end == "completed" else page.error
    assert told.value == rf"calm\-otter {words}"
    page.run()
    assert not [*page.info, *page.success, *page.error]  # said once


def test_where_prefect_falls_silent_people_read_so(
    plant: Plant, monkeypatch: pytest.MonkeyPatch, asked: list[tuple[str, list[str]]]
) -> None:
    def away(_run: Started) -> str:
        raise TechnoproError("nobody at http://127.0.0.1:9/api knows how run 1 goes")

    monkeypatch.setattr(starting, "_stage", away)
    page = opened("runs")
    page.button(key="start-nightly").click().run()
    assert "knows how run 1 goes" in written(page)
    assert not page.exception


def test_where_no_flow_can_be_started_people_read_why(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(flow: str, given: Sequence[str]) -> str:
        raise TechnoproError("no flow 'nightly' can be started; start `technopro up`")

    monkeypatch.setattr(starting, "_start", away)
    page = opened("runs")
    page.button(key="start-new_pattern").click().run()
    assert "It could not be started" in page.warning[0].value
    assert "start `technopro up`" in page.text[0].value
    assert not page.toast
    assert audit(plant) == []
    page.run()
    assert not page.warning  # said once


@pytest.mark.parametrize(
    ("role", "may"), [("viewer", []), ("reviewer", ["nightly", "new_pattern"])]
)
def test_roles(
    plant: Plant,
    monkeypatch: pytest.MonkeyPatch,
    asked: list[tuple[str, list[str]]],
    role: str,
    may: list[str],
) -> None:
    """A button that is not yours is off and says whose it is; past it, the change is refused."""
    user = User("v", role)  # type: ignore[arg-type]
    monkeypatch.setattr("dashboard.frame.current_user", lambda: user)
    page = opened("runs")
    view = View(Language("en"), user)
    for flow in ("nightly", "new_pattern", "retrain"):
        button = page.button(key=f"start-{flow}")
        assert button.disabled is (flow not in may)
        if flow not in may:
            assert "Needs the role" in button.help
            with pytest.raises(Refused):
                starting.ask(view, flow, [])
    assert page.toggle(key="start-everything").disabled
    with pytest.raises(Refused):
        starting.ask(view, "nightly", ["everything=true"])
    assert asked == []


def test_prefects_own_page_is_an_address_without_its_password(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not opened("runs").code
    monkeypatch.setenv("PREFECT_API_URL", "http://me:secret@127.0.0.1:4200/api")
    assert opened("runs").code[0].value == "http://127.0.0.1:4200"


def test_without_a_prefect_server_the_real_start_says_what_to_do(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The flow's own parameters are asked for: a wrong one would be another error."""
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    page = opened("runs")
    page.button(key="start-retrain").click().run()
    assert not page.exception
    assert "It could not be started" in page.warning[0].value
    assert "start `technopro up`" in page.text[0].value
