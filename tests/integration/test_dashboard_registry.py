"""The dashboard and its database: one that fails is one calm line, and torch stays away."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import launch


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
    code = (
        "import sys, dashboard.plant, dashboard.sections, dashboard.tonight_gallery, "
        "dashboard.runs_history, dashboard.runs_start, dashboard.runs_look; print(*sys.modules)"
    )
    root = str(launch.APP.parent.parent)
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root
    ).stdout.split()
    assert "dashboard.plant" in loaded
    assert "torch" not in loaded
