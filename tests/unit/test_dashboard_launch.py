"""The dashboard is started closed to the outside, by flags and by its configuration alike."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

from dashboard import launch, preload
from technopro.errors import InputError


def flags(host: str = "127.0.0.1") -> list[str]:
    return [part for part in launch.command(host, 9000) if part.startswith("--")]


def test_the_command_runs_this_app_with_this_interpreter() -> None:
    line = launch.command("127.0.0.1", 9000)
    assert line[1:4] == ["-m", "streamlit", "run"]
    assert launch.APP.is_file()
    assert line[4] == str(launch.APP)
    assert "--server.address=127.0.0.1" in line
    assert "--server.port=9000" in line


def test_flags_and_configuration_file_agree() -> None:
    """A user's own configuration cannot open what either of them closes."""
    path = launch.APP.parent / ".streamlit" / "config.toml"
    config = tomllib.loads(path.read_text(encoding="utf-8"))
    assert config["server"].pop("allowedHosts") == list(launch.LOOPBACK_NAMES)
    sections = ("server", "browser", "client")
    written = {f"{s}.{k}": str(v).lower() for s in sections for k, v in config[s].items()}
    expected = {k: v.lower() for k, v in launch.HARDENED.items()}
    assert written.pop("server.address") == "127.0.0.1"
    del written["client.showSidebarNavigation"]  # a matter of looks
    assert written == expected


def test_every_flag_is_one_that_streamlit_knows() -> None:
    from streamlit import config

    known = config.get_config_options()
    assert [f for f in flags() if f[2:].partition("=")[0] not in known] == []


@pytest.mark.parametrize(
    ("host", "closed"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("127.9.9.9", True),
     ("::", False), ("10.0.0.5", False), ("dashboard.plant.example", False)],
)  # fmt: skip
def test_only_loopback_names_are_answered_on_loopback(host: str, closed: bool) -> None:
    assert launch.is_loopback(host) is closed
    assert ("--server.allowedHosts=*" in flags(host)) is not closed
    assert ("--server.allowedHosts=localhost" in flags(host)) is closed


def test_the_environment_sends_nothing_home() -> None:
    assert launch.environment()["DO_NOT_TRACK"] == "1"
    assert launch.environment()["STREAMLIT_BROWSER_GATHER_USAGE_STATS"] == "false"


def test_people_sign_in_where_the_file_says(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a TOML file at"):
        launch.command(login=tmp_path / "login.toml")
    (tmp_path / "login.toml").write_text("[auth]\n")
    assert f"--secrets.files={tmp_path / 'login.toml'}" in launch.command(
        login=tmp_path / "login.toml"
    )


def test_everything_but_the_script_is_imported_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(preload, "import_module", asked.append)
    monkeypatch.setattr(preload.gc, "freeze", lambda: None)  # not of the tests themselves
    preload._import_all()
    assert {"dashboard.tonight", "dashboard.report", "dashboard.scores_charts"} <= set(asked)
    assert "dashboard.app" not in asked
    assert all(find_spec(name) for name in asked)


def test_what_was_imported_ahead_is_no_garbage_and_is_all_that_a_page_asks_for() -> None:
    """Else Streamlit looks through all modules after every answer, and a first view is slow."""
    line = """
import gc, sys
from dashboard import preload
preload._import_all()
before = set(sys.modules)
from technopro import registry
from technopro.decision.corrected import Cell, corrected
registry.agreement([])
corrected([Cell("ok", 9, 5, 1)])
print(gc.get_freeze_count(), sorted(set(sys.modules) - before))
"""
    told = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True)
    frozen, _, late = told.stdout.partition(" ")
    assert int(frozen) > 100_000
    assert late.strip() == "[]"
