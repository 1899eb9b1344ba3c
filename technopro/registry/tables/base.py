"""What all tables share: names of constraints, times in UTC, shares from 0 to 1."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, DateTime, Dialect, Index, MetaData, String, text
from sqlalchemy import TypeDecorator as Decorator
from sqlalchemy.orm import DeclarativeBase

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
DIGEST = String(64)  # SHA-256, hexadecimal
NAME = String(100)


class UtcDateTime(Decorator[datetime]):
    """Aware in, UTC out, on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError(f"expected a time with its zone, found {value!r}")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def now() -> datetime:
    return datetime.now(UTC)


def is_share(*columns: str) -> list[CheckConstraint]:
    return [CheckConstraint(f"{c} >= 0 AND {c} <= 1", name=f"{c}_share") for c in columns]


def one_of(column: str, *values: str) -> CheckConstraint:
    listed = ", ".join(f"'{v}'" for v in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=CONVENTION)
    type_annotation_map = {dict[str, Any]: JSON, list[float]: JSON, datetime: UtcDateTime}  # noqa: RUF012


def one_open(table: str, column: str, condition: str) -> Index:
    """Return an index that lets one row a `column` fulfil `condition`."""
    where = text(condition)
    return Index(
        f"uq_{table}_{column}_open", column, unique=True, sqlite_where=where, postgresql_where=where
    )
