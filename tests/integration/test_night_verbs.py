"""The verbs about what happened, on a plant with one night."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from filled_plant import IMAGES, PATTERNS, fill

from technopro import registry
from technopro.commands.nights import night, runs
from technopro.errors import InputError
from technopro.plant import open_plant
from technopro.settings import Settings


@pytest.fixture(autouse=True)
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TECHNOPRO_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("technopro.console.console.width", 200)
    return fill(tmp_path / "home", tmp_path / "source")


def test_runs_are_listed_newest_first_with_the_reason_of_a_failure(
    run: str, capsys: pytest.CaptureFixture[str]
) -> None:
    plant = open_plant(Settings(_env_file=None))
    with registry.unit_of_work(plant.engine) as session:
        failed = registry.start_run(session, "ingest", {}, seed=None, device=None)
        registry.finish_run(session, failed, "failed", message="the bucket is away")
        session.commit()
    runs(kind=None, state=None, limit=20)
    shown = capsys.readouterr().out
    assert shown.index(failed) < shown.index(run)
    assert f"{failed} ingest failed: the bucket is away" in shown
    runs(kind="score", state="completed", limit=1)
    shown = capsys.readouterr().out
    assert run in shown
    assert failed not in shown
    runs(kind="maintain", state=None, limit=1)
    assert "no such run" in capsys.readouterr().out
    with pytest.raises(InputError, match="--state: expected running, completed, failed; found"):
        runs(kind=None, state="dead", limit=1)


def test_the_newest_night_is_told_with_what_waits(
    run: str, capsys: pytest.CaptureFixture[str]
) -> None:
    plant = open_plant(Settings(_env_file=None))
    with registry.unit_of_work(plant.engine) as session:
        registry.raise_alert(session, "run died: score", level="warning", words="It died.")
        registry.set_title(session, PATTERNS[0], "bracket, left", actor="qa")
        session.commit()
    night(date=None)
    shown = capsys.readouterr().out
    assert f"{IMAGES} images" in shown
    assert "bracket, left" in shown
    assert run in shown
    assert "It died." in shown
    night(date=f"{datetime.now(UTC):%Y-%m-%d}")
    assert run in capsys.readouterr().out


def test_before_the_first_night_there_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit):
        night(date="2020-01-01")
    assert "no night was scored until then" in capsys.readouterr().out
