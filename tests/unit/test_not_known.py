"""The share of what could not be told apart is not known: its interval alone is given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow.parquet
import pytest
from people_cases import DEFECT, OK, bring, judge
from sqlalchemy import Engine, update

from dashboard.share_nights import share_nights
from dashboard.translations import Language
from flows.artifacts import _night_table
from technopro import registry
from technopro.commands.show import print_recorded
from technopro.console import print_night
from technopro.registry import tables
from technopro.report.export import export
from technopro.results import Estimate, PatternNight

SHARE = Estimate(0.123, 0.04, 0.2)
NIGHT = PatternNight("p-1", 5, True, SHARE, 0.5, 0.05, 1, Estimate(0.9, 0.8, 1.0), "v1")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = registry.open_database(f"sqlite:///{tmp_path / 'test.db'}")
    judge(opened, bring(opened, 2), [OK, DEFECT])
    yield opened
    opened.dispose()


def forget(engine: Engine) -> None:
    """Let the night never have told good and bad apart."""
    with registry.unit_of_work(engine) as session:
        session.execute(update(tables.DefectRate).values(separable=False))
        session.commit()


def test_in_an_export(engine: Engine, tmp_path: Path) -> None:
    def shares() -> list[float | None]:
        with registry.unit_of_work(engine) as session:
            export(session, "rates", tmp_path / "out.parquet")
        (row,) = pyarrow.parquet.read_table(tmp_path / "out.parquet").to_pylist()
        return [row[name] for name in ("share", "share_low", "share_high")]

    assert None not in shares()
    forget(engine)
    assert shares()[0] is None
    assert None not in shares()[1:]


def test_on_the_command_line(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    def printed() -> str:
        with registry.unit_of_work(engine) as session:
            print_recorded(session, registry.nights(session)[0])
        return capsys.readouterr().out

    assert "not known" not in printed()
    forget(engine)
    assert "not known" in printed()


@pytest.mark.parametrize(("separable", "written"), [(True, "12.3%"), (False, "not known")])
def test_after_an_inspection(
    separable: bool, written: str, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {**asdict(NIGHT), "separable": separable}
    row["quality"] = {"auc": 0.9, "low": 0.8, "high": 1.0}
    print_night(
        {"images": 5, "quarantined": 0, "patterns": [row], "camera_faults": {},
         "seconds": {"total": 1.0}, "peak_rss_mb": 1.0}
    )  # fmt: skip
    assert written in capsys.readouterr().out


def test_in_a_run_s_artifact() -> None:
    (known,) = _night_table([NIGHT], {})
    assert (known["share"], known["from"], known["to"]) == ("12.3%", "4.0%", "20.0%")
    (unknown,) = _night_table([replace(NIGHT, separable=False)], {})
    assert (unknown["share"], unknown["from"], unknown["to"]) == ("not known", "4.0%", "20.0%")


def test_in_the_dashboard_s_nights(engine: Engine) -> None:
    def drawn() -> str:
        with registry.unit_of_work(engine) as session:
            rows = registry.pattern_trend(session, 3)
        nights = {row.run_id: row.at for row in rows}
        return share_nights(rows, nights, ZoneInfo("UTC"), "#000", Language("en"))

    assert "not known" not in drawn()
    forget(engine)
    assert "Defect share not known" in drawn()
