"""The morning page, run by Streamlit's own test harness over records in memory."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

import dashboard
from dashboard.memory import MemoryRecords
from dashboard.records import Attempt, Night, Records, Run, Suspect
from technopro.errors import RegistryError, StoreError
from technopro.explain.heat import encode_heat
from technopro.results import Decision, Estimate, PatternNight, Quarantined

APP = Path(dashboard.__file__).with_name("app.py")
HOSTILE = "<img src=x onerror=alert(1)> **bold** $x$ :red[y]"
CARD = '<div class="tp-card">'
Open = Callable[..., AppTest]


def png(level: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((32, 32), level, np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def pattern_night(pattern: str, separable: bool = True) -> PatternNight:
    return PatternNight(
        pattern=pattern, images=10, separable=separable, flagged=2 if separable else 0,
        defect_share=Estimate(0.21, 0.1, 0.35), threshold=0.7, review_threshold=0.6,
        quality=Estimate(0.97, 0.93, 0.99), model_version=f"{pattern}-v1",
    )  # fmt: skip


def suspect(number: int, pattern: str) -> Suspect:
    decision = Decision.DEFECT if number < 2 else Decision.OK
    return Suspect(
        sha256=f"{number:064x}", path=f"{pattern}/{number:02}.png", pattern=pattern,
        score=0.95 - number / 50, decision=decision, heat_key=None if number == 1 else f"h{number}",
    )  # fmt: skip


@pytest.fixture
def records() -> MemoryRecords:
    """Two nights; the newer has two patterns, one hostile name, and a quarantined file."""
    tokyo = ZoneInfo("Asia/Tokyo")
    new = Run("run-2", 2, "completed", datetime(2026, 11, 23, 2, 34, tzinfo=tokyo), 20)
    old = Run("run-1", 1, "failed", datetime(2026, 11, 22, 2, 30, tzinfo=tokyo), 1)
    nights = (
        Night(new, (pattern_night("cloth-1"), pattern_night(HOSTILE, False)), 2, 3,
              (Quarantined(HOSTILE, "not an image"),)),
        Night(old, (), 0, 0, ()),
    )  # fmt: skip
    suspects = [suspect(n, "cloth-1") for n in range(10)] + [suspect(n, HOSTILE) for n in range(10)]
    return MemoryRecords(
        nights=nights,
        suspects={"run-2": suspects},
        thumbnails={s.sha256: png(90) for s in suspects if not s.sha256.endswith("3")},
        heats={s.heat_key: encode_heat(np.eye(7)) for s in suspects if s.heat_key},
    )


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Open:
    """Return a function that opens the page over given records with given address parameters."""

    def run(records: Records, **address: str) -> AppTest:
        monkeypatch.setattr("dashboard.plant.open_records", lambda: records)
        page = AppTest.from_file(str(APP), default_timeout=60)
        for key, value in address.items():
            page.query_params[key] = value
        page.run()
        assert not page.exception
        return page

    return run


def text(page: AppTest) -> str:
    """Return everything written on the page."""
    plain = [*page.title, *page.subheader, *page.header, *page.caption, *page.markdown, *page.text]
    html = [element.proto.body for element in page.get("html")]
    return "\n".join([element.value for element in plain] + html)


def test_an_empty_registry_says_what_to_run(opened: Open) -> None:
    page = opened(MemoryRecords(), lang="en")
    assert "Nothing to show yet" in text(page)
    assert page.code[0].value == "technopro demo"
    assert not page.metric


def test_a_registry_that_does_not_answer_is_one_calm_line(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(MemoryRecords):
        def runs(self) -> list[Run]:
            raise RegistryError("expected a database, found none; check TECHNOPRO_DATABASE_URL")

    page = opened(Broken(), lang="en")
    assert "cannot be read" in page.warning[0].value
    assert "TECHNOPRO_DATABASE_URL" in text(page)


def test_without_the_object_store_the_figures_still_show(
    opened: Open, records: MemoryRecords
) -> None:
    """One line instead of the pictures, and one question to the store, not sixteen."""
    asked: list[str] = []

    class Away(MemoryRecords):
        def thumbnail(self, sha256: str) -> bytes | None:
            asked.append(sha256)
            raise StoreError("expected a folder, found none; is the drive connected?")

    page = opened(Away(records.nights, records.suspects), lang="en")
    assert len(page.metric) == 4
    assert "is the drive connected?" in text(page)
    assert "Scores by pattern" in text(page)
    assert len(asked) == 1


def test_the_numbers_that_matter(opened: Open, records: MemoryRecords) -> None:
    page = opened(records, lang="en")
    assert [m.label for m in page.metric] == ["Defects", "To review", "Inspected", "Quarantined"]
    assert [m.value for m in page.metric] == ["2", "3", "20", "1"]
    shown = text(page)
    assert "20 images of 2 patterns were inspected: 2 flagged as defect, 3 to review" in shown
    assert "23 Nov 2026, 02:34" in shown
    assert "21.0 %" in shown
    assert "10.0 % – 35.0 %" in shown
    assert "cloth-1-v1" in shown
    assert "Not separable tonight" in shown


def test_japanese_is_the_language_until_somebody_chooses(
    opened: Open, records: MemoryRecords
) -> None:
    page = opened(records)
    assert page.title[0].value == "朝の検査レポート"
    assert [m.label for m in page.metric] == ["不良判定", "要確認", "検査済み", "検査対象外"]
    assert "flagged" not in text(page)


def test_sixteen_worst_images_from_the_worst_down(opened: Open, records: MemoryRecords) -> None:
    lines = text(opened(records, lang="en")).split("\n")
    cards = [line for line in lines if line.startswith(CARD)]
    assert len(cards) == 16
    scores = [float(card.partition('tp-score">')[2][:4]) for card in cards]
    assert scores == sorted(scores, reverse=True)
    assert sum("no heat map" in card for card in cards) == 2


def test_a_picture_that_is_gone_is_said_so(opened: Open, records: MemoryRecords) -> None:
    assert text(opened(records, lang="en")).count("The picture is not in the store.") == 2


def test_the_filter_is_kept_in_the_address(opened: Open, records: MemoryRecords) -> None:
    page = opened(records, lang="en")
    page.selectbox(key="pattern").select("cloth-1").run()
    assert page.query_params["pattern"] == "cloth-1"
    assert text(page).count(CARD) == 10
    again = opened(records, lang="en", pattern="cloth-1", opacity="80", heat="False")
    assert again.selectbox(key="pattern").value == "cloth-1"
    assert again.slider(key="opacity").value == 80
    assert not again.toggle(key="heat").value


@pytest.mark.parametrize("value", ["", "no such thing", "-1", "9" * 5000, "<script>", "²"])
def test_nonsense_in_the_address_is_ignored(
    opened: Open, records: MemoryRecords, value: str
) -> None:
    page = opened(records, lang=value, run=value, pattern=value, opacity=value, heat=value)
    assert page.title[0].value == "朝の検査レポート"
    assert page.selectbox(key="run").value == "run-2"
    assert page.selectbox(key="pattern").value == ""
    assert page.slider(key="opacity").value in range(0, 101, 10)


@pytest.mark.parametrize(
    ("state", "words"),
    [("failed", "did not finish"), ("running", "is going on since"), ("completed", "")],
)
def test_a_newer_run_that_failed_or_goes_on_is_said_first(
    opened: Open, records: MemoryRecords, state: str, words: str
) -> None:
    started = records.nights[0].run.started.replace(day=24)
    page = opened(replace(records, attempt=Attempt(state, started)), lang="en")
    notes = [note.value for note in (*page.warning, *page.info)]
    assert len(notes) == bool(words)
    assert all(words in note and "24 Nov 2026, 02:34" in note for note in notes)


def test_an_earlier_night_can_be_looked_at(opened: Open, records: MemoryRecords) -> None:
    page = opened(records, lang="en", run="run-1")
    shown = text(page)
    assert "did not finish" in shown
    assert "1 image of 0 patterns" in shown
    assert "Every file of this run could be inspected." in shown


def test_names_given_by_people_are_never_markup(opened: Open, records: MemoryRecords) -> None:
    page = opened(records, lang="en")
    assert HOSTILE in page.selectbox(key="pattern").options
    assert "<img" not in text(page)
    assert "&lt;img" in text(page)
    assert page.dataframe[0].value.iloc[0, 0] == HOSTILE


def test_where_no_flow_can_be_started_people_read_why(
    opened: Open, records: MemoryRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    page = opened(records, lang="en")
    page.button(key="new-pattern").click().run()
    assert not page.exception
    assert "It could not be started" in page.warning[-1].value
    assert "start `technopro up`" in page.text[-1].value
