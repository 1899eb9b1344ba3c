"""Samples over a real plant: orders, pages, one image large, and what is written of it."""

from __future__ import annotations

from pathlib import Path

import filled_plant
import pytest
from dashboard_plant import opened, point_at, written
from sqlalchemy.orm import Session
from streamlit.testing.v1 import AppTest

from dashboard import samples as shown
from technopro import registry
from technopro.errors import InputError
from technopro.plant import Plant
from technopro.registry.gallery import ORDERS, Sample, Wanted, count, known, sample, samples
from technopro.registry.tables import DefectRate, Pattern, Prediction
from technopro.results import Decision

HOSTILE = filled_plant.PATTERNS[2]


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plant:
    plant = point_at(tmp_path, monkeypatch)
    filled_plant.fill(tmp_path / "home", tmp_path / "images")
    return plant


@pytest.fixture
def pages_of_five(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "SHOWN", 5)


def run_of(session: Session) -> str:
    return registry.nights(session)[0].run_id


def best(plant: Plant, order: str = "worst") -> list[Sample]:
    with registry.unit_of_work(plant.engine) as session:
        return samples(session, Wanted(run_of(session), order), 100)


def paths(app: AppTest) -> list[str]:
    """Return the paths under the pictures."""
    return [part.partition("<")[0] for part in written(app).split('tp-path">')[1:]]


def expected(order: str, session: Session, run_id: str) -> list[str]:
    """Return a night's images in an order, sorted one by one."""
    rows = session.query(Prediction).filter_by(run_id=run_id).all()
    new = {p.name for p in session.query(Pattern).filter_by(status="new")}
    cuts = {r.pattern: r for r in session.query(DefectRate).filter_by(run_id=run_id)}

    def borderline(p: Prediction) -> float:
        rate = cuts[p.pattern]
        near = [abs(p.score - rate.review_threshold)]
        return min([*near, abs(p.score - rate.threshold)] if rate.separable else near)

    def odd(p: Prediction) -> tuple[bool, float]:
        return p.pattern not in new and p.fault is None, -(p.distance or 0.0)

    keys = {
        "worst": lambda p: (-p.score, p.sha256),
        "borderline": lambda p: (borderline(p), p.sha256),
        "random": lambda p: p.sha256,
        "new": lambda p: (*odd(p), p.sha256),
    }
    sound = [p for p in rows if p.fault is None or order in ("random", "new")]
    return [p.sha256 for p in sorted(sound, key=keys[order])]


def make_odd(session: Session, run_id: str) -> None:
    """Give the night a fault, distances, equal scores, and one new pattern."""
    rows = session.query(Prediction).filter_by(run_id=run_id).order_by(Prediction.sha256).all()
    for number, row in enumerate(rows):
        row.distance = None if number % 5 == 0 else number % 4
    rows[3].fault, rows[8].fault = "dark", "duplicate"
    rows[4].score = rows[5].score = rows[6].score = 0.7
    for pattern in session.query(Pattern):
        pattern.status = "new" if pattern.name == HOSTILE else "active"
    session.flush()


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("size", [1, 5, 24])
def test_pages_follow_without_gap_or_repeat_and_lead_back(
    plant: Plant, order: str, size: int
) -> None:
    with registry.unit_of_work(plant.engine) as session:
        run_id = run_of(session)
        make_odd(session, run_id)
        wanted, all_of_it = Wanted(run_id, order), expected(order, session, run_id)
        forth: list[str] = []
        while page := samples(session, wanted, size, after=forth[-1] if forth else None):
            assert count(session, wanted, page[0].sha256) == len(forth)
            forth += [row.sha256 for row in page]
        assert forth == all_of_it
        assert count(session, wanted) == len(all_of_it)
        back = [all_of_it[-1]]
        while page := samples(session, wanted, size, before=back[0]):
            back = [row.sha256 for row in page] + back
        assert back == all_of_it


@pytest.mark.parametrize("order", ORDERS)
def test_patterns_and_decisions_are_chosen(plant: Plant, order: str) -> None:
    with registry.unit_of_work(plant.engine) as session:
        run_id = run_of(session)
        found = samples(session, Wanted(run_id, order, HOSTILE, ("review", "defect")), 100)
        assert {row.pattern for row in found} == {HOSTILE}
        assert sorted(row.path for row in found) == ["002.png", "005.png", "008.png"]
        assert samples(session, Wanted(run_id, order, "no such"), 100) == []
        assert samples(session, Wanted("no such", order), 100) == []
        assert samples(session, Wanted(run_id, order), 100, after="no such") == []


def test_an_unknown_order_is_refused() -> None:
    with pytest.raises(InputError, match="worst, borderline, random, new"):
        Wanted("run", "best")


def test_an_image_is_found_by_the_start_of_its_hash(plant: Plant) -> None:
    first = best(plant)[0]
    with registry.unit_of_work(plant.engine) as session:
        run_id = run_of(session)
        assert sample(session, run_id, first.sha256[:16]) == first
        for nonsense in ("", "xyz", "f" * 64, "%", "<b>"):
            assert sample(session, run_id, nonsense) is None
        assert sample(session, "no such", first.sha256) is None
        about = known(session, run_id, first.sha256)
        assert about is not None
        assert (about.threshold, about.review_threshold, about.version) == (0.8, 0.6, "v1")
        assert (about.width, about.height, about.format) == (160, 160, "PNG")
        assert known(session, run_id, "f" * 64) is None


def test_before_the_first_night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    point_at(tmp_path, monkeypatch)
    assert "Nothing to show yet" in written(opened("samples"))


def test_the_worst_come_first_and_say_so(plant: Plant) -> None:
    app = opened("samples")
    assert paths(app) == [f"{n:03}.png" for n in range(24)]
    assert "The score need not come from there" in written(app)
    assert "&lt;b&gt;radial&lt;/b&gt;" in written(app)
    assert "<b>radial" not in written(app)


def test_pages_are_turned_and_a_link_shows_the_same(plant: Plant, pages_of_five: None) -> None:
    app = opened("samples")
    assert app.button(key="page-before").disabled
    app.button(key="page-after").click().run()
    app.button(key="page-after").click().run()
    third = paths(app)
    assert third == [f"{n:03}.png" for n in range(10, 15)]
    assert "11 – 15 of 24" in written(app)
    assert paths(opened("samples", after=str(app.query_params["after"]))) == third
    app.button(key="page-before").click().run()
    assert paths(app) == [f"{n:03}.png" for n in range(5, 10)]
    app.selectbox(key="pattern").set_value(HOSTILE).run()
    assert paths(app)[0] == "002.png"  # another list begins at its first page
    assert "after" not in app.query_params


def test_the_last_page_ends(plant: Plant, pages_of_five: None) -> None:
    app = opened("samples", after=best(plant)[19].sha256)
    assert paths(app) == [f"{n:03}.png" for n in range(20, 24)]
    assert app.button(key="page-after").disabled


@pytest.mark.parametrize(
    ("order", "first"), [("borderline", "005.png"), ("random", None), ("new", None)]
)
def test_every_order_has_its_page(plant: Plant, order: str, first: str | None) -> None:
    app = opened("samples", order=order)
    assert paths(app) == [row.path for row in best(plant, order)]
    assert first is None or paths(app)[0] == first


def test_decisions_are_filtered_and_nothing_is_said_calmly(plant: Plant) -> None:
    app = opened("samples", decision="review")
    assert paths(app) == [f"{n:03}.png" for n in range(5, 10)]
    app.selectbox(key="pattern").set_value("cloth-1").run()
    assert paths(app) == ["006.png", "009.png"]
    with registry.unit_of_work(plant.engine) as session:
        session.query(Prediction).update({"decision": Decision.OK.value})
        session.commit()
    assert "No image of this run fits" in written(opened("samples", decision="defect"))
    assert "there are no families" in written(opened("samples", order="families"))


def test_an_image_opens_large_with_all_that_is_known(plant: Plant) -> None:
    rows = best(plant)
    with registry.unit_of_work(plant.engine) as session:
        registry.give_verdict(
            session, run_of(session), rows[1].sha256, actor="<Aoi>", label="ok", lane="other",
            reason="dust & light",
        )  # fmt: skip
        session.commit()
    app = opened("samples")
    app.button(key=f"card-{rows[1].sha256}").click().run()
    text = written(app)
    assert app.query_params["image"] == rows[1].sha256[:16]
    assert "001.png" in text
    assert "defect from 0.800, review from 0.600" in text
    assert "160 × 160" in text
    assert "&lt;Aoi&gt;" in text
    assert "dust &amp; light" in text
    assert paths(app) == []
    app.button(key="samples-next").click().run()
    assert "002.png" in written(app)
    app.button(key="samples-previous").click().run()
    app.button(key="samples-previous").click().run()
    assert "000.png" in written(app)
    assert app.button(key="samples-previous").disabled
    app.button(key="samples-back").click().run()
    assert len(paths(app)) == 24


def test_another_list_closes_the_large_image(plant: Plant) -> None:
    app = opened("samples", image=best(plant)[3].sha256[:16])
    assert "003.png" in written(app)
    app.segmented_control(key="order").set_value("borderline").run()
    assert len(paths(app)) == 24


def test_finds_are_put_into_families(plant: Plant) -> None:
    app = opened("samples", order="families")
    assert sorted(paths(app)) == [f"{n:03}.png" for n in range(10)]
    assert "Groups are not causes" in written(app)
    only = opened("samples", order="families", decision="defect")
    assert sorted(paths(only)) == [f"{n:03}.png" for n in range(5)]
    first = best(plant)[0].sha256
    next(b for b in app.button if b.key and b.key.endswith(first)).click().run()
    assert "000.png" in written(app)


def test_a_picture_that_is_gone_is_said_to_be(plant: Plant) -> None:
    first = best(plant)[0]
    for file in (plant.settings.home / "objects").rglob(f"{first.sha256}*"):
        file.unlink()
    assert "not in the store" in written(opened("samples"))
    assert "not in the store" in written(opened("samples", image=first.sha256[:16]))
    assert "000.png" not in paths(opened("samples", order="families"))


@pytest.mark.parametrize("value", ["", "%", "<script>", "0" * 64, "9" * 400])
def test_nonsense_in_the_address_is_ignored(plant: Plant, value: str) -> None:
    names = ("order", "pattern", "decision", "after", "before", "image", "heat", "opacity", "run")
    assert len(paths(opened("samples", **dict.fromkeys(names, value)))) == 24
