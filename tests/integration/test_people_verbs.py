"""The verbs about what people said, on a plant with one night."""

from __future__ import annotations

from pathlib import Path

import pytest
from filled_plant import IMAGES, fill
from sqlalchemy import select

from technopro import registry
from technopro.commands.files import export, report
from technopro.commands.people import rates, verdict
from technopro.errors import InputError, RegistryError
from technopro.plant import open_plant
from technopro.registry import tables


@pytest.fixture(autouse=True)
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TECHNOPRO_HOME", str(tmp_path / "home"))
    return fill(tmp_path / "home", tmp_path / "source")


def test_a_verdict_is_given_seen_and_taken_back(capsys: pytest.CaptureFixture[str]) -> None:
    verdict("003.png", "defect", lane="audit", reason="scratch", run=None)
    said = capsys.readouterr().out
    assert "003.png: recorded as defect" in said
    assert "in the random sample" in said
    assert "the product: defect, score 0.8750" in said
    rates("day", since=None, until=None)
    assert f"1 of {IMAGES} looked at" in capsys.readouterr().out.replace("\n", " ")
    verdict("003.png", "withdrawn", lane="other", reason=None, run=None)
    assert "003.png: withdrawn" in capsys.readouterr().out
    rates("day", since=None, until=None)
    assert "looked at" not in capsys.readouterr().out
    with pytest.raises(RegistryError, match="nothing"):
        verdict("003.png", "withdrawn", lane="other", reason=None, run=None)


def test_a_dispute_is_shown(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    with registry.unit_of_work(open_plant().engine) as session:
        sha256 = registry.find_image(session, "003.png")
        registry.give_verdict(session, run, sha256, actor="[b]aoi", label="ok", lane="other")
        session.commit()
    verdict("003.png", "defect", lane="other", reason=None, run=run)
    said = capsys.readouterr().out
    assert "people disagree" in said
    assert "[b]aoi: ok" in said


def test_what_was_said_is_withdrawn_where_it_was_said(run: str, tmp_path: Path) -> None:
    """A newer run has scored the image since."""
    verdict("003.png", "defect", lane="other", reason=None, run=None)
    with registry.unit_of_work(open_plant().engine) as session:
        sha256 = registry.find_image(session, "003.png")
        newer = registry.start_run(session, "score", {}, seed=0, device="cpu")
        old = session.get_one(tables.Prediction, (run, sha256))
        columns = {c.key: getattr(old, c.key) for c in tables.Prediction.__table__.columns}
        session.add(tables.Prediction(**{**columns, "run_id": newer}))
        session.commit()
        assert registry.newest_run(session, sha256) == newer
    verdict("003.png", "withdrawn", lane="other", reason=None, run=None)
    with registry.unit_of_work(open_plant().engine) as session:
        rows = session.scalars(select(tables.Verdict).order_by(tables.Verdict.id)).all()
    assert [(row.run_id, row.label) for row in rows] == [(run, "defect"), (run, "withdrawn")]


def test_an_empty_time_has_no_rates(capsys: pytest.CaptureFixture[str]) -> None:
    rates("pattern", since=None, until="2020-01-01")
    assert "no night was scored in that time" in capsys.readouterr().out
    rates("pattern", since="2020-01-01", until="2999-12-31")
    assert "<b>radial</b>" in capsys.readouterr().out


def test_files_are_written(run: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export("predictions", tmp_path / "p.csv", since=None, until=None)
    export("rates", tmp_path / "r.parquet", since="2020-01-01", until="2020-01-02")
    report(tmp_path / "night.html", "newest")
    said = " ".join(capsys.readouterr().out.split())
    assert f"{IMAGES} rows in" in said
    assert "0 rows in" in said
    assert run in said
    with pytest.raises(InputError, match="--until"):
        export("audit", tmp_path / "a.csv", since=None, until="soon")
