"""Opening the database, migrated to the newest schema, and units of work over it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import (
    ArgumentError,
    InterfaceError,
    NoSuchModuleError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.orm import Session

from technopro.errors import RegistryError

MIGRATION_LOCK = 7_236_611  # any number; PostgreSQL's advisory lock of this product
VERSIONS = "alembic_version"  # the table that says at which revision a schema is


def open_database(url: str) -> Engine:
    """Return an engine on a database at the newest schema.

    Raises RegistryError where it cannot be reached, or was made by a newer release.
    """
    parsed = _parse(url)
    with _plain_errors(parsed):
        engine = create_engine(parsed, pool_pre_ping=True)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _prepare_sqlite)
        with _only_one(engine, parsed), engine.connect() as connection:
            migrate(connection)
    return engine


def open_as_it_is(url: str) -> Engine:
    """Return an engine on a database that is not migrated, whatever its revision.

    Raises RegistryError where it cannot be reached, or holds no schema of this product.
    """
    if revision_at(url) is None:
        raise RegistryError(
            f"expected a technopro database at {_shown(_parse(url))}, found none; check "
            "TECHNOPRO_DATABASE_URL, or let `technopro db upgrade` make one"
        )
    return create_engine(_parse(url))


def revision_at(url: str) -> str | None:
    """Return the revision of a database as it lies there, or None where there is none yet.

    Nothing is migrated or made. Raises RegistryError where it cannot be reached.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
        return None
    with _plain_errors(parsed):
        engine = create_engine(parsed)
        with engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
        engine.dispose()
    return found


@contextmanager
def _plain_errors(url: URL) -> Iterator[None]:
    """Turn what the database says into a RegistryError of one line."""
    try:
        yield
    except CommandError as error:
        raise RegistryError(
            f"the database {_shown(url)} was made by a newer technopro ({error}); upgrade "
            "technopro, or point TECHNOPRO_DATABASE_URL elsewhere"
        ) from error
    except (SQLAlchemyError, OSError, ModuleNotFoundError) as error:
        cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        to_do = (
            "check the path in TECHNOPRO_DATABASE_URL, and who may write there"
            if url.get_backend_name() == "sqlite"
            else "check TECHNOPRO_DATABASE_URL, that the server runs, and the password"
        )
        raise RegistryError(
            f"expected a database at {_shown(url)}, but: {cause}; {to_do}"
        ) from error


@contextmanager
def unit_of_work(engine: Engine) -> Iterator[Session]:
    """Yield a session that rolls back unless `.commit()` was called.

    Raises RegistryError where the database goes away, is busy for too long, or has no room.
    """
    try:
        with Session(engine, expire_on_commit=False) as session:
            yield session
    except (OperationalError, InterfaceError) as error:
        cause = str(error.orig).strip().splitlines()[0]
        raise RegistryError(
            f"the database does not answer as it should: {cause}; what was recorded before is "
            "kept: check that its server runs and has room, and start again"
        ) from error


def migrate(connection: Connection) -> None:
    """Bring the schema to the newest revision; foreign keys rest meanwhile on SQLite.

    Raises RegistryError where the database holds the tables of something else.
    """
    tables = sorted(inspect(connection).get_table_names())
    if tables and VERSIONS not in tables:
        raise RegistryError(
            f"expected an empty database or technopro's own, found one with {len(tables)} tables "
            f"such as {tables[0]}; nothing was changed: give technopro a database of its own"
        )
    if MigrationContext.configure(connection).get_current_revision() == newest_revision():
        return  # looking for orphans takes long where there are millions of rows
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    command.upgrade(alembic_config(connection), "head")
    connection.commit()
    if sqlite:
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RegistryError(f"the migration left {len(broken)} rows without their parent")
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")


def alembic_config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration for the packaged migrations."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def newest_revision() -> str:
    """Return the revision that this release expects."""
    return str(ScriptDirectory.from_config(alembic_config()).get_current_head())


def known_revisions() -> set[str]:
    """Return every revision that this release can upgrade from, and the newest."""
    script = ScriptDirectory.from_config(alembic_config())
    return {one.revision for one in script.walk_revisions()}


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
        parsed.get_dialect()
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise RegistryError(
            "TECHNOPRO_DATABASE_URL is not usable: expected sqlite:///file.db or "
            "postgresql+psycopg://user:password@host/name, found something else"
        ) from error
    return parsed


def _shown(url: URL) -> str:
    return url.render_as_string(hide_password=True)


def _prepare_sqlite(connection: Any, _: object) -> None:  # noqa: ANN401
    cursor = connection.cursor()
    for pragma in ("busy_timeout=30000", "foreign_keys=ON", "journal_mode=WAL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@contextmanager
def _only_one(engine: Engine, url: URL) -> Iterator[None]:
    """Let one process migrate at a time."""
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:k)"), {"k": MIGRATION_LOCK})
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:k)"), {"k": MIGRATION_LOCK})
    elif url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        with Path(f"{url.database}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    else:
        yield
