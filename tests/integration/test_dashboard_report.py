"""The report page over a real plant: figures of the night, rates of a span, files on demand."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import timedelta
from pathlib import Path

import filled_plant
import pyarrow.parquet as pq
import pytest
from dashboard_plant import opened, point_at, written
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from dashboard.access import User
from dashboard.frame import View
from dashboard.report import page_maker, table_maker
from dashboard.translations import Language
from technopro import registry
from technopro.plant import Plant
from technopro.registry.tables import Batch, DefectRate
from technopro.report.rows import Between


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plant:
    return point_at(tmp_path, monkeypatch)


@pytest.fixture
def plant(empty: Plant, tmp_path: Path) -> Plant:
    filled_plant.fill(tmp_path / "home", tmp_path / "images")
    return empty


@pytest.fixture
def view() -> View:
    return View(Language("en"), User("v", "viewer"))  # whoever may look may take away


def newest(plant: Plant) -> registry.NightRow:
    with registry.unit_of_work(plant.engine) as session:
        return registry.nights(session, 1)[0]


def test_before_the_first_night(empty: Plant) -> None:
    page = opened("report")
    assert "Nothing to show yet" in written(page)
    assert not page.get("download_button")


def test_the_first_figures_of_the_night(plant: Plant) -> None:
    page = opened("report")
    assert [m.value for m in page.metric] == ["24", "5", "5", "25.0 %"]
    shown = written(page).replace("\\", "")
    assert "90 % interval 10.0 % – 45.0 %" in shown
    assert "&lt;b&gt;radial&lt;/b&gt;" in shown
    assert "<b>radial" not in shown
    assert "not this night" in shown  # grain-1 cannot be separated
    assert "not counted in it: grain-1" in shown


def test_a_share_that_nobody_knows_is_a_dash(plant: Plant) -> None:
    with registry.unit_of_work(plant.engine) as session:
        session.execute(update(DefectRate).values(separable=False))
        session.commit()
    page = opened("report")
    assert page.metric[3].value == "–"
    assert "90 % interval" not in page.caption[0].value.replace("\\", "")
    html = page_maker(View(Language("en"), User("v", "viewer")), newest(plant).run_id)().decode()
    assert '<div class="big">–</div><div class="what">defective, as estimated</div>' in html


def rates(page: AppTest) -> list[list[str]]:
    """Return the cells of the table of rates, row by row."""
    table = written(page).partition('<div class="tp-long">')[2].partition("</table>")[0]
    rows = re.findall(r"<tr>(<td.*?)</tr>", table)
    cells = (re.findall(r"<td[^>]*>(.*?)</td>", row) for row in rows)
    return [[html.unescape(re.sub(r"</?b>", "", cell)) for cell in row] for row in cells]


def test_rates_by_pattern_line_batch_and_day(plant: Plant) -> None:
    page = opened("report")
    names, images, flagged, shares = list(zip(*rates(page), strict=True))[:4]
    assert names == ("<b>radial</b>", "cloth-1", "grain-1")
    assert images == ("8", "8", "8")
    assert sum(map(int, flagged)) == 5
    assert shares == ("25.0 %", "25.0 %", "not known")  # grain-1 was not told apart
    page.segmented_control(key="by").set_value("line").run()
    ((line, _, _, share, *_),) = rates(page)
    assert (line, share.partition("<br>")[0]) == ("no line", "25.0 %")
    assert "of 16 images told apart" in share
    for by in ("batch", "day"):
        again = opened("report", by=by)
        assert again.segmented_control(key="by").value == by
        assert [row[1] for row in rates(again)] == ["24"]


def test_a_span_without_a_night_says_so(plant: Plant) -> None:
    page = opened("report", span="own", since="2020-01-01", until="2020-01-31")
    assert "No night arrived on these days." in written(page)
    assert rates(page) == []


def test_spans_take_in_what_arrived_in_them(plant: Plant) -> None:
    """A second batch eight days before the newest is in the month, not in the week."""
    night = newest(plant)
    with registry.unit_of_work(plant.engine) as session:
        run_id = registry.start_run(session, "score", {}, seed=0, device="cpu")
        early = night.started_at - timedelta(days=8)
        batch = Batch(run_id=run_id, source="early", digest="0" * 64, images=24, quarantined=0,
                      created_at=early)  # fmt: skip
        session.add(batch)
        session.flush()
        models = {name: row.id for name, row in registry.champions(session).items()}
        found = registry.night(session, night.run_id)
        registry.record_night(session, run_id, batch.id, [], found, models, {})
        registry.finish_run(session, run_id, "completed")
        session.commit()
    for span, images in (("month", 48), ("week", 24), ("day", 24)):
        page = opened("report", by="line", span=span)
        assert [row[1] for row in rates(page)] == [str(images)], span


@pytest.mark.parametrize("value", ["", "nonsense", "<script>", "9999-12-31", "-1"])
def test_nonsense_in_the_address_is_ignored(plant: Plant, value: str) -> None:
    page = opened("report", by=value, span=value, table=value, since=value, until=value, run=value)
    assert page.segmented_control(key="by").value == "pattern"
    assert page.segmented_control(key="span").value == "month"
    assert page.segmented_control(key="table").value == "predictions"
    page = opened("report", span="own", since=value, until=value)
    assert not page.exception


def test_nothing_is_made_before_somebody_presses(plant: Plant) -> None:
    """The large files are functions to be called; the small table of rates is there at once."""
    buttons = [b.proto for b in opened("report").get("download_button")]
    deferred = [button.HasField("deferred_file_id") for button in buttons]
    assert sorted(deferred) == [False, True, True, True]


def test_the_printable_page_holds_everything_in_one_file(plant: Plant, view: View) -> None:
    page = page_maker(view, newest(plant).run_id)().decode()
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert "&lt;b&gt;radial&lt;/b&gt;" in page
    assert "http://" not in page.replace("http://www.w3.org/", "")
    assert "<script src" not in page


@pytest.mark.parametrize(
    ("what", "count"), [("predictions", 24), ("rates", 3), ("verdicts", 1), ("audit", 3)]
)
def test_tables_come_whole_as_csv_and_parquet(
    plant: Plant, view: View, what: str, count: int
) -> None:
    run_id = newest(plant).run_id
    with registry.unit_of_work(plant.engine) as session:
        worst = registry.worst(session, run_id)[0].sha256
        registry.give_verdict(session, run_id, worst, actor="Aoi", label="defect", lane="other")
        session.commit()
        audit = len(registry.audit_rows(session))
    expected = audit if what == "audit" else count
    data = table_maker(view, what, "csv", Between())()
    assert len(list(csv.DictReader(io.StringIO(data.decode())))) == expected
    table = pq.read_table(io.BytesIO(table_maker(view, what, "parquet", Between())()))
    assert table.num_rows == expected


def test_an_export_keeps_to_its_days(plant: Plant, view: View) -> None:
    before = Between(until=newest(plant).started_at - timedelta(days=1))
    assert table_maker(view, "predictions", "csv", before)().count(b"\n") == 1  # the head alone
