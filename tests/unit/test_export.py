"""Exports: what is in them, how odd texts and big tables are treated, and whole or not at all."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from people_cases import DEFECT, OK, REVIEW, bring, judge, say
from registry_cases import image
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from technopro import registry
from technopro.errors import InputError
from technopro.registry import tables
from technopro.report import export as exports
from technopro.report import rows
from technopro.report.export import export
from technopro.report.rows import SOURCES, Between, Source

ODD = ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\tx", 'a,b\n"c"', "染み", "<script>"]

ALL = Between()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = registry.open_database(f"sqlite:///{tmp_path / 'test.db'}")
    yield opened
    opened.dispose()


@pytest.fixture
def night(engine: Engine) -> str:
    run = judge(engine, bring(engine, 4, line="north"), [OK, OK, REVIEW, DEFECT])
    say(engine, run, 0, "ok", lane="audit")
    say(engine, run, 0, "defect", lane="audit")
    say(engine, run, 1, "ok", lane="audit")
    return run


def table(engine: Engine, what: str, file: Path, between: Between = ALL) -> list[dict[str, Any]]:
    with registry.unit_of_work(engine) as session:
        count = export(session, what, file, between)
    if file.suffix == ".csv":
        with file.open(newline="", encoding="utf-8-sig") as opened:
            found: list[dict[str, Any]] = list(csv.DictReader(opened))
    else:
        found = pyarrow.parquet.read_table(file).to_pylist()
    assert len(found) == count
    return found


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("what", SOURCES)
def test_an_empty_plant_exports_the_columns(
    engine: Engine, tmp_path: Path, what: str, ending: str
) -> None:
    file = tmp_path / "new" / f"out.{ending}"
    assert table(engine, what, file) == []
    columns = list(SOURCES[what].columns)
    if ending == "csv":
        assert file.read_bytes() == b"\xef\xbb\xbf" + ",".join(columns).encode() + b"\n"
    else:
        assert pyarrow.parquet.read_schema(file).names == columns


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_predictions_hold_what_was_decided(
    engine: Engine, night: str, tmp_path: Path, ending: str
) -> None:
    found = table(engine, "predictions", tmp_path / f"out.{ending}")
    assert [row["image"] for row in found] == [f"{i:03}.png" for i in range(4)]
    first = found[0]
    assert (first["run_id"], first["line"], first["decision"]) == (night, "north", "ok")
    assert [float(first[c]) for c in ("score", "threshold", "review_threshold")] == [0.5, 0.5, 0.05]
    judged = first["judged_at"]
    judged = datetime.fromisoformat(judged) if isinstance(judged, str) else judged
    assert judged.utcoffset() == timedelta(0)
    assert first["fault"] == ("" if ending == "csv" else None)


def test_verdicts_keep_what_was_replaced(engine: Engine, night: str, tmp_path: Path) -> None:
    found = table(engine, "verdicts", tmp_path / "out.parquet")
    assert [(v["label"], v["current"]) for v in found] == [
        ("ok", False), ("defect", True), ("ok", True)
    ]  # fmt: skip
    say(engine, night, 1, "withdrawn")
    again = table(engine, "verdicts", tmp_path / "out.csv")
    assert [v["current"] for v in again] == ["false", "true", "false", "false"]


def test_rates_hold_what_the_sample_found(engine: Engine, night: str, tmp_path: Path) -> None:
    (row,) = table(engine, "rates", tmp_path / "out.parquet")
    assert (row["images"], row["flagged"], row["looked_at"], row["corrected_parts"]) == (4, 1, 2, 4)
    assert (row["corrected"], row["corrected_low"], row["corrected_high"]) == (None, 0.25, 0.75)
    assert (row["share_low"], row["separable"]) == (0.05, True)


def test_the_audit_log_comes_with_its_details(engine: Engine, tmp_path: Path) -> None:
    with registry.unit_of_work(engine) as session:
        registry.note(session, "葵", "rollback", "p-1", reason="=1+1", before=None)
        session.commit()
    (row,) = table(engine, "audit", tmp_path / "out.csv")
    assert (row["actor"], json.loads(row["details"])) == ("葵", {"reason": "=1+1", "before": None})


def test_no_text_becomes_a_formula_and_parquet_keeps_it(engine: Engine, tmp_path: Path) -> None:
    run = judge(engine, bring(engine, len(ODD)), [OK] * len(ODD))
    with registry.unit_of_work(engine) as session:
        for number, text in enumerate(ODD):
            own = tables.BatchImage.sha256 == image(number).sha256
            session.execute(update(tables.BatchImage).where(own).values(path=text))
        session.execute(update(tables.Prediction).values(distance=-1.5))
        session.commit()
    safe = {row["image"] for row in table(engine, "predictions", tmp_path / "out.csv")}
    assert safe == {f"'{t}" if t[0] in "=+-@\t" else t for t in ODD}
    kept = table(engine, "predictions", tmp_path / "out.parquet")
    assert {row["image"] for row in kept} == set(ODD)
    assert {row["run_id"] for row in kept} == {run}
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8-sig") as opened:
        assert {row["distance"] for row in csv.DictReader(opened)} == {"-1.5"}


def test_only_what_happened_between(engine: Engine, tmp_path: Path) -> None:
    old = judge(engine, bring(engine, 2), [OK, OK])
    with registry.unit_of_work(engine) as session:
        moment = datetime(2026, 1, 1, tzinfo=UTC)
        session.execute(update(tables.Run).values(finished_at=moment))
        session.commit()
    new = judge(engine, bring(engine, 3, line="south"), [OK] * 3)
    file = tmp_path / "out.csv"
    for between, runs in [
        (Between(until=moment), {old}),
        (Between(since=moment + timedelta(seconds=1)), {new}),
        (Between(moment, datetime.now(UTC)), {old, new}),
    ]:
        for what in ("predictions", "rates"):
            assert {row["run_id"] for row in table(engine, what, file, between)} == runs


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_many_rows_are_written_in_groups(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    monkeypatch.setattr(exports, "ROWS", 7)
    monkeypatch.setattr(rows, "PIECE", 3)
    judge(engine, bring(engine, 20), [OK] * 20)
    found = table(engine, "predictions", tmp_path / f"out.{ending}")
    assert [row["image"] for row in found] == [f"{i:03}.png" for i in range(20)]
    if ending == "parquet":
        assert pyarrow.parquet.ParquetFile(tmp_path / "out.parquet").num_row_groups == 3


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_crash_leaves_the_old_file_and_no_draft(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    def broken(session: Session, between: Between) -> Iterator[tuple[str]]:
        yield ("one",)
        raise RuntimeError("power cut")

    monkeypatch.setitem(SOURCES, "audit", Source({"a": "text"}, broken))  # type: ignore[arg-type]
    file = tmp_path / f"out.{ending}"
    file.write_bytes(b"old")
    with registry.unit_of_work(engine) as session, pytest.raises(RuntimeError):
        export(session, "audit", file)
    assert file.read_bytes() == b"old"
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    ("what", "name", "told"),
    [
        ("weights", "out.csv", "predictions, rates, verdicts, audit"),
        ("rates", "out.xlsx", "csv or .parquet, found out.xlsx"),
        ("rates", "test.db/out.csv", "cannot be written"),
    ],
)
def test_what_cannot_be_exported_is_said(
    engine: Engine, tmp_path: Path, what: str, name: str, told: str
) -> None:
    with registry.unit_of_work(engine) as session, pytest.raises(InputError, match=told):
        export(session, what, tmp_path / name)
