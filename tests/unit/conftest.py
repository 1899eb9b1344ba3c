"""Tests cannot see the developer's environment: settings, home and hub are the test's own."""

import os
from pathlib import Path

import pytest

os.environ["PREFECT_SERVER_ALLOW_EPHEMERAL_MODE"] = "false"  # no server where none is asked for


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [n for n in os.environ if n.startswith("TECHNOPRO_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TECHNOPRO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
