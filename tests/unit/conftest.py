"""Tests cannot see the developer's environment: settings, home and hub are the test's own."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from technopro import registry
from technopro.plant import Plant
from technopro.settings import Settings
from technopro.store import MemoryStore

os.environ["PREFECT_SERVER_ALLOW_EPHEMERAL_MODE"] = "false"  # no server where none is asked for


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [n for n in os.environ if n.startswith("TECHNOPRO_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TECHNOPRO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture
def plant() -> Iterator[Plant]:
    """A plant of the test's own, whose object store is in memory."""
    settings = Settings(_env_file=None)
    engine = registry.open_database(settings.resolved_database_url())
    yield Plant(settings, MemoryStore(), engine)
    engine.dispose()
