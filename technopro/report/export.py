"""Rows of the registry as CSV or Parquet, written piece by piece, whole or not at all.

Times are UTC. CSV is UTF-8 with the mark without which Excel misreads Japanese. Spreadsheets take a
text that begins with = + - @ for a formula, so that a file name could run one: in CSV such texts
get an apostrophe before them, as the OWASP advises ("CSV injection"). Parquet holds every text as
it is, and so do the files of `technopro inspect`, whose columns are keys for programs.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from technopro.errors import InputError
from technopro.report.rows import SOURCES, Between, Kind, Source, Values

ROWS = 50_000  # of one group in a Parquet file
FORMULA = ("=", "+", "-", "@", "\t", "\r")
Writer = Callable[[Path, Mapping[str, Kind], Iterator[Values]], int]


def export(session: Session, what: str, file: Path, between: Between = Between()) -> int:  # noqa: B008
    """Write `predictions`, `rates`, `verdicts` or `audit` and return the number of rows.

    A file that is there is replaced at the end, or stays as it was. Raises InputError for anything
    else, for another ending than .csv and .parquet, and for a folder that cannot be written.
    """
    source, write = _source(what), _writer(file)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with _draft(file) as draft:
            return write(draft, source.columns, source.rows(session, between))
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror}") from error


@contextmanager
def _draft(file: Path) -> Iterator[Path]:
    """Yield a neighbour that takes the file's place at the end, and is gone after an error."""
    draft = file.with_name(f".{file.name}.part")
    try:
        yield draft
        os.replace(draft, file)  # noqa: PTH105
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _source(what: str) -> Source:
    if what not in SOURCES:
        raise InputError(f"expected one of {', '.join(SOURCES)}, found {what!r}")
    return SOURCES[what]


def _writer(file: Path) -> Writer:
    writers: dict[str, Writer] = {".csv": _write_csv, ".parquet": _write_parquet}
    if file.suffix.lower() not in writers:
        raise InputError(f"expected a file that ends with .csv or .parquet, found {file.name}")
    return writers[file.suffix.lower()]


def _write_csv(file: Path, columns: Mapping[str, Kind], rows: Iterator[Values]) -> int:
    count = 0
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        for count, row in enumerate(rows, 1):  # noqa: B007
            writer.writerow(map(_cell, row))
    return count


def harmless(value: Any) -> Any:  # noqa: ANN401
    """Return a text as one that no spreadsheet takes for a formula; anything else as it is."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _cell(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, datetime) else value


def _write_parquet(file: Path, columns: Mapping[str, Kind], rows: Iterator[Values]) -> int:
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    kinds = {
        "text": pa.string(),
        "number": pa.float64(),
        "count": pa.int64(),
        "truth": pa.bool_(),
        "time": pa.timestamp("us", "UTC"),
    }
    schema, count = pa.schema([(name, kinds[kind]) for name, kind in columns.items()]), 0
    with ParquetWriter(file, schema) as writer:
        while group := list(islice(rows, ROWS)):
            arrays = [
                pa.array(v, field.type)
                for v, field in zip(zip(*group, strict=True), schema, strict=True)
            ]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
            count += len(group)
    return count
