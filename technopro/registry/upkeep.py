"""Keeping the database: its revision, its soundness, a copy of it and the way back.

SQLite is copied by its online backup, so a night may go on meanwhile; PostgreSQL by `pg_dump`,
which must be on the path. Images and weights lie in the object store and are not part of a copy.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text
from sqlalchemy.engine import URL

from technopro.errors import InputError, RegistryError
from technopro.registry.engine import newest_revision
from technopro.registry.tables import Base


def revision(engine: Engine) -> str:
    """Return the revision of the schema."""
    with engine.connect() as connection:
        return str(MigrationContext.configure(connection).get_current_revision())


def check(engine: Engine) -> list[str]:
    """Return what is wrong with the database, in plain words; empty where nothing is."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        revision, newest = context.get_current_revision(), newest_revision()
        if revision == newest:
            found = [
                f"the schema differs from what this release expects: {_in_words(difference)}"
                for difference in compare_metadata(context, Base.metadata)
            ]
        else:
            found = [f"the schema is at revision {revision}, this release expects {newest}: "
                     "technopro db upgrade"]  # fmt: skip
        if engine.dialect.name == "sqlite":
            said = [row[0] for row in connection.execute(text("PRAGMA integrity_check"))]
            found += [f"damaged: {line}" for line in said if line != "ok"]
            orphans = connection.execute(text("PRAGMA foreign_key_check")).fetchall()
            found += [f"{row[0]} row {row[1]} has lost its parent in {row[2]}" for row in orphans]
    return found


def _in_words(difference: Any) -> str:  # noqa: ANN401
    """Return Alembic's operation on a named thing, such as `remove_table alien`."""
    while isinstance(difference, list):  # several changes of one column
        difference = difference[0]
    named = (getattr(part, "name", part) for part in difference[1:])
    return " ".join([difference[0], *(part for part in named if isinstance(part, str))])


def backup(engine: Engine, file: Path) -> None:
    """Copy the database into a new file. Raises InputError where it exists already."""
    if file.exists():
        raise InputError(f"{file} exists already; choose a new name, a copy is never overwritten")
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(file.name + ".partial")
    partial.unlink(missing_ok=True)
    if engine.dialect.name == "sqlite":
        _copy_sqlite(_file_of(engine.url), partial)
    else:
        _postgres("pg_dump", engine.url, ["--format=custom", "--file", str(partial)])
    partial.rename(file)


def restore(engine: Engine, file: Path) -> None:
    """Put a copy in the place of everything in the database.

    Raises InputError for a missing or damaged copy, before anything is changed.
    """
    if not file.is_file():
        raise InputError(f"expected a copy made by `technopro db backup` at {file}, found none")
    if engine.dialect.name == "sqlite":
        _check_copy(file)
        engine.dispose()
        _copy_sqlite(file, _file_of(engine.url))
        return
    engine.dispose()
    options = ["--clean", "--if-exists", "--single-transaction", "--exit-on-error", "--no-owner"]
    options += ["--dbname", engine.url.database or "", str(file)]
    _postgres("pg_restore", engine.url, options)


def _file_of(url: URL) -> Path:
    if not url.database or url.database == ":memory:":
        raise InputError("a database in memory has no copy")
    return Path(url.database)


def _copy_sqlite(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def _check_copy(file: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as copy:
            said = copy.execute("PRAGMA integrity_check").fetchone()[0]
            copy.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError as error:
        said = str(error)
    if said != "ok":
        raise InputError(f"{file} is no sound copy of a technopro database ({said})")


def _postgres(program: str, url: URL, options: Sequence[str]) -> None:
    """Run a PostgreSQL client program; the password goes through the environment."""
    if shutil.which(program) is None:
        raise InputError(
            f"expected {program} on the path, found none; install PostgreSQL's client programs of "
            "the server's version or newer (Debian: apt-get install postgresql-client)"
        )
    given = {
        "PGHOST": url.host or url.query.get("host"),
        "PGPORT": None if url.port is None else str(url.port),
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
    }
    known = {name: str(value) for name, value in given.items() if value is not None}
    environment = {**os.environ, **known}
    done = subprocess.run(  # noqa: S603 - options are ours, the address lies in the environment
        [program, *options], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no message"
        raise RegistryError(f"{program} failed: {last}")
