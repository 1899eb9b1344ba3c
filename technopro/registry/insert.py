"""Idempotent bulk inserts on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import JSON, Executable, bindparam, cast, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from technopro.registry.tables import Base

AT_ONCE = 10_000  # rows of a statement on PostgreSQL


def insert_new(session: Session, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert the rows whose key is not there yet; the others stay as they are.

    All rows have the same columns.
    """
    if not rows:
        return
    connection = session.connection()
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    nested = any(isinstance(column.type, JSON) for column in table.__table__.columns)
    if dialect is sqlite or nested:  # a list in a list is no array of JSON
        connection.execute(dialect.insert(table).on_conflict_do_nothing(), list(rows))
        return
    for first in range(0, len(rows), AT_ONCE):
        connection.execute(_of_arrays(table, rows[first : first + AT_ONCE]))


def _of_arrays(table: type[Base], rows: Sequence[dict[str, Any]]) -> Executable:
    """Return a statement that takes each column as one array: PostgreSQL reads that fastest."""
    columns = [table.__table__.columns[name] for name in rows[0]]
    arrays = [
        cast(bindparam(c.name, [row[c.name] for row in rows]), postgresql.ARRAY(c.type))
        for c in columns
    ]
    names = [c.name for c in columns]
    side_by_side = func.unnest(*arrays).table_valued(*names).render_derived()
    inserted = postgresql.insert(table).from_select(names, select(side_by_side))
    return inserted.on_conflict_do_nothing()


def insert_one(session: Session, table: type[Base], row: dict[str, Any]) -> bool:
    """Insert a row and return True, or False where a unique index holds such a row already."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    key = next(iter(table.__table__.primary_key))
    statement = dialect.insert(table).values(row).on_conflict_do_nothing().returning(key)
    return session.execute(statement).first() is not None
