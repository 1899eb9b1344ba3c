from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
from arrival_cases import ArrivalCases
from history_cases import HistoryCases
from lifecycle_cases import LifecycleCases
from people_cases import PeopleCases
from registry_cases import RegistryCases, ingest
from run_cases import RunCases
from sqlalchemy import Engine, text
from sqlalchemy.exc import StatementError
from trend_cases import TrendCases

from technopro import registry
from technopro.errors import RegistryError
from technopro.registry import tables


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = registry.open_database(f"sqlite:///{tmp_path / 'deep' / 'test.db'}")
    yield opened
    opened.dispose()


class TestArrivals(ArrivalCases):
    pass


class TestHistory(HistoryCases):
    pass


class TestLifecycle(LifecycleCases):
    pass


class TestRuns(RunCases):
    pass


class TestTrends(TrendCases):
    pass


class TestPeople(PeopleCases):
    pass


class TestSqlite(RegistryCases):
    def test_a_time_without_zone_is_refused(self, engine: Engine) -> None:
        run, _, _ = ingest(engine)
        with registry.unit_of_work(engine) as session:
            session.get_one(tables.Run, run).finished_at = datetime(2026, 1, 1)  # noqa: DTZ001
            with pytest.raises(StatementError, match="with its zone"):
                session.flush()


def test_opening_at_once_migrates_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'test.db'}"
    with ThreadPoolExecutor(4) as pool:
        for opened in [pool.submit(registry.open_database, url) for _ in range(4)]:
            opened.result().dispose()


def test_a_database_of_a_newer_release_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'test.db'}"
    engine = registry.open_database(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'ffff'"))
    engine.dispose()
    with pytest.raises(RegistryError, match="newer technopro"):
        registry.open_database(url)


def test_an_unknown_scheme_is_named() -> None:
    with pytest.raises(RegistryError, match="TECHNOPRO_DATABASE_URL"):
        registry.open_database("oracle9://nobody:secret@nowhere/x")


def test_an_unreachable_server_is_one_line_without_the_password() -> None:
    with pytest.raises(RegistryError) as caught:
        registry.open_database("postgresql+psycopg://qa:secret@127.0.0.1:1/technopro")
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
