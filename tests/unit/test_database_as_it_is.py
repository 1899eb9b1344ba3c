"""Looking at a database changes nothing, and a foreign one is left alone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from technopro.errors import RegistryError
from technopro.registry import open_database, upkeep
from technopro.registry.engine import open_as_it_is


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A database of somebody else."""
    file = tmp_path / "other.db"
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE orders (id INTEGER)")
        other.commit()
    return file


def test_a_mistyped_path_is_not_made(tmp_path: Path) -> None:
    file = tmp_path / "nowhere" / "x.db"
    with pytest.raises(RegistryError, match=r"found none; check TECHNOPRO_DATABASE_URL"):
        open_as_it_is(f"sqlite:///{file}")
    assert not file.parent.exists()


def test_a_foreign_database_is_neither_checked_nor_filled(foreign: Path) -> None:
    before = foreign.read_bytes()
    with pytest.raises(RegistryError, match="found none"):
        open_as_it_is(f"sqlite:///{foreign}")
    with pytest.raises(RegistryError, match="1 tables such as orders; nothing was changed"):
        open_database(f"sqlite:///{foreign}")
    assert foreign.read_bytes()[100:] == before[100:]


def test_an_older_database_is_copied_and_checked_as_it_is(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'plant.db'}"
    engine = open_database(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0006'"))
    engine.dispose()
    old = open_as_it_is(url)
    assert upkeep.check(old) == [
        "the schema is at revision 0006, this release expects 0008: technopro db upgrade"
    ]
    upkeep.backup(old, tmp_path / "copy")
    assert upkeep.revision(open_as_it_is(f"sqlite:///{tmp_path / 'copy'}")) == "0006"


def test_a_schema_that_differs_is_said_in_words(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'plant.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alien (id INTEGER)"))
        connection.execute(text("ALTER TABLE images DROP COLUMN format"))
    said = upkeep.check(engine)
    assert [line.partition("expects: ")[2] for line in said] == [
        "remove_table alien",
        "add_column images format",
    ]


def test_a_file_that_is_no_database_is_not_blamed_on_a_server(tmp_path: Path) -> None:
    (tmp_path / "letter.db").write_text("dear sir" * 200)
    with pytest.raises(RegistryError, match="not a database; check the path") as caught:
        open_database(f"sqlite:///{tmp_path / 'letter.db'}")
    assert "password" not in str(caught.value)
