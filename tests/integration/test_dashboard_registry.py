"""The morning page over a real registry and object store."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import filled_plant
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import launch
from dashboard.plant import PlantRecords
from technopro import registry
from technopro.plant import open_plant
from technopro.settings import Settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty plant that the settings point at."""
    for name in ("DATABASE_URL", "OBJECT_STORE", "TIMEZONE"):
        monkeypatch.delenv(f"TECHNOPRO_{name}", raising=False)
    monkeypatch.setenv("TECHNOPRO_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)  # no .env of the developer
    return tmp_path / "home"


def shown() -> AppTest:
    page = AppTest.from_file(str(launch.APP), default_timeout=120)
    page.query_params["lang"] = "en"
    page.run()
    assert not page.exception
    return page


def html(page: AppTest) -> str:
    return "\n".join(element.proto.body for element in page.get("html"))


def test_an_empty_plant(home: Path) -> None:
    assert shown().code[0].value == "technopro demo"


def test_a_recorded_night(home: Path, tmp_path: Path) -> None:
    """The figures are those recorded, and every picture and heat map is found."""
    run_id = filled_plant.fill(home, tmp_path / "images")
    page = shown()
    assert [m.value for m in page.metric] == ["5", "5", "24", "1"]
    assert page.selectbox(key="run").value == run_id
    assert page.selectbox(key="pattern").options[1:] == sorted(filled_plant.PATTERNS)
    assert html(page).count('<div class="tp-card">') == 16
    assert html(page).count("no heat map") == 16 - 10
    assert "&lt;b&gt;radial" in html(page)
    assert not page.warning
    assert "picture is not in the store" not in "\n".join(m.value for m in page.markdown)
    assert page.dataframe[0].value.iloc[0, 0] == "broken.png"


def test_a_failed_run_after_the_night_is_said(home: Path, tmp_path: Path) -> None:
    filled_plant.fill(home, tmp_path / "images")
    with registry.unit_of_work(open_plant(Settings(home=home)).engine) as session:
        run_id = registry.start_run(session, "score", {}, seed=0, device="cpu")
        registry.finish_run(session, run_id, "failed", message="the power went")
        upkeep = registry.start_run(session, "maintain", {}, seed=None, device=None)
        registry.finish_run(session, upkeep, "completed")  # hides nothing
        session.commit()
    assert "did not finish" in shown().warning[0].value


def test_an_object_that_is_gone_is_none_and_found_once_it_is_back(home: Path) -> None:
    plant = open_plant(Settings(home=home))
    plant.store.put("images/00/another", b"picture")
    records = PlantRecords(plant)
    assert records.heat("heat/r/x.png") is None
    plant.store.put("heat/r/x.png", b"png")
    assert records.heat("heat/r/x.png") == b"png"


def test_a_database_that_fails_under_the_page_is_one_calm_line(home: Path) -> None:
    """No traceback, no SQL: what to check, in words."""
    shown()
    with closing(sqlite3.connect(home / "technopro.db")) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("DROP TABLE defect_rates")
    page = shown()
    assert "cannot be read" in page.warning[0].value
    assert "check that its server runs" in page.text[0].value
    assert "SELECT" not in page.text[0].value


def test_the_dashboard_starts_without_torch() -> None:
    """torch takes seconds and hundreds of megabytes that a page of figures does not need."""
    code = "import sys, dashboard.plant, dashboard.gallery, dashboard.sections; print(*sys.modules)"
    root = str(launch.APP.parent.parent)
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root
    ).stdout.split()
    assert "dashboard.plant" in loaded
    assert "torch" not in loaded
