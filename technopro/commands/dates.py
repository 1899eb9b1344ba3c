"""Days and moments as people write them on the command line."""

from __future__ import annotations

from datetime import UTC, datetime, time

from technopro.errors import InputError


def first_of(option: str, text: str) -> datetime:
    """Return the beginning of a day, or a moment; in UTC where no zone is given.

    Raises InputError for anything else.
    """
    return _moment(option, text, time.min)


def last_of(option: str, text: str) -> datetime:
    """Return the end of a day, or a moment; in UTC where no zone is given.

    Raises InputError for anything else.
    """
    return _moment(option, text, time.max)


def _moment(option: str, text: str, of_day: time) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"{option}: expected such as 2026-11-24 or 2026-11-24T07:00+09:00, found {text!r}"
        ) from None
    if len(text) == len("2026-11-24"):
        moment = datetime.combine(moment, of_day)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
