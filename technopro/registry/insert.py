"""Idempotent bulk inserts on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from technopro.registry.tables import Base


def insert_new(session: Session, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert the rows whose key is not there yet; the others stay as they are.

    One statement for all: to spell out thousands of rows takes longer than to store them.
    """
    if rows:
        dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
        statement = dialect.insert(table.__table__).on_conflict_do_nothing()
        session.connection().execute(statement, list(rows))


def insert_one(session: Session, table: type[Base], row: dict[str, Any]) -> bool:
    """Insert a row and return True, or False where a unique index holds such a row already."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    key = next(iter(table.__table__.primary_key))
    statement = dialect.insert(table).values(row).on_conflict_do_nothing().returning(key)
    return session.execute(statement).first() is not None
