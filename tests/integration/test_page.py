"""The printed page of a night: complete, by itself, and deaf to what file names say."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from filled_plant import IMAGES, PATTERNS, fill
from sqlalchemy import update

from technopro import registry
from technopro.errors import InputError, RegistryError
from technopro.intake import thumb_key
from technopro.plant import Plant, open_plant
from technopro.registry import tables
from technopro.report.facts import gather
from technopro.report.page import count, percent, render, write_page
from technopro.settings import Settings

EVIL = "<script>alert(1)</script><img src=http://evil.example/x onerror=alert(2)>"


class Page(HTMLParser):
    """Tags, attributes and visible text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words += " " + " ".join(data.split())

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", self.words)


@pytest.fixture
def home(tmp_path: Path) -> tuple[Plant, str]:
    run = fill(tmp_path / "home", tmp_path / "source")
    return open_plant(Settings(home=tmp_path / "home", _env_file=None)), run


def page(plant: Plant, file: Path, run: str | None = None) -> Page:
    write_page(plant, file, run)
    return Page(file.read_text(encoding="utf-8"))


def test_a_night_is_told_whole(home: tuple[Plant, str], tmp_path: Path) -> None:
    plant, run = home
    shown = page(plant, tmp_path / "new" / "night.html")
    assert run in shown.text
    assert f"of {IMAGES} pictures" in shown.text
    for name in PATTERNS:
        assert f" {name} " in shown.text
    for told in (
        "5 called defective",
        "between 10.0% and 45.0%",
        "grain-1: good and bad parts cannot be told apart tonight.",
        "1 file could not be read broken.png",
        "nobody has looked at the random parts yet",
        "champion since",
        "Why: first",
        "defective from a score of 0.80, in doubt from 0.60",
        "picks the bad one in 97 of 100 cases (its own estimate: 90 to 100)",
    ):
        assert told in shown.text, told
    assert shown.tags.count("figure") == 12


def test_nothing_is_fetched_from_elsewhere(home: tuple[Plant, str], tmp_path: Path) -> None:
    shown = page(home[0], tmp_path / "night.html")
    sources = [value or "" for name, value in shown.attributes if name in ("src", "href")]
    assert sources
    assert all(source.startswith("data:image/") for source in sources)
    assert not {"script", "link", "iframe", "object"} & set(shown.tags)
    assert "url(" not in (tmp_path / "night.html").read_text(encoding="utf-8")


def test_no_text_runs(home: tuple[Plant, str], tmp_path: Path) -> None:
    """A file name, a title, a reason, an alert and a quarantined file as evil as they come."""
    plant, run = home
    evil = {"path": EVIL}
    with registry.unit_of_work(plant.engine) as session:
        worst = registry.worst(session, run, limit=1)[0].sha256
        own = tables.BatchImage.sha256 == worst
        session.execute(update(tables.BatchImage).where(own).values(evil))
        session.execute(update(tables.Quarantine).values(path=EVIL, reason=EVIL))
        first = tables.Pattern.name == PATTERNS[0]
        session.execute(update(tables.Pattern).where(first).values(title=EVIL[:100]))
        session.execute(update(tables.Deployment).values(reason=EVIL, actor=EVIL[:100]))
        session.execute(update(tables.Batch).values(source=EVIL, line=EVIL[:100]))
        registry.raise_alert(session, "x", level="critical", words=EVIL, pattern=PATTERNS[0])
        session.add(tables.DriftFigure(run_id=run, kind="mix", statistic="x", value=1.0,
                                       level="drifted", words=EVIL))  # fmt: skip
        session.commit()
    shown = page(plant, tmp_path / "night.html")
    assert not {"script", "b"} & set(shown.tags)
    assert not [n for n, _ in shown.attributes if n.startswith("on")]
    assert not [v for _, v in shown.attributes if v and "evil.example" in v]
    assert shown.text.count("<script>alert(1)</script>") >= 10


def test_alerts_drift_and_what_people_found(home: tuple[Plant, str], tmp_path: Path) -> None:
    plant, run = home
    with registry.unit_of_work(plant.engine) as session:
        for part in registry.audit_lane(session, run, 500):
            registry.give_verdict(
                session, run, part.sha256, actor="aoi", label=_truth(part), lane="audit"
            )
        registry.raise_alert(session, "disk", level="critical", words="The disk is nearly full")
        for level in ("drifted", "steady"):
            session.add(tables.DriftFigure(run_id=run, kind="mix", statistic="x", value=1.0,
                                           level=level, words=f"it has {level}"))  # fmt: skip
        session.commit()
        night = gather(session, run)
    assert night.corrected is not None
    shown = page(plant, tmp_path / "night.html", run)
    assert f"{night.corrected.estimate:.1%} defective, as people found" in shown.text
    for told in (
        "The disk is nearly full",
        "Something has changed it has drifted",
        f"{IMAGES} parts looked at, drawn at random",
        "accepted ones were bad",
    ):
        assert told in shown.text, told
    assert "it has steady" not in shown.text


def _truth(part: registry.AuditPart) -> str:
    return "ok" if part.decision == "ok" else "defect"


def test_a_calm_night_says_so(home: tuple[Plant, str]) -> None:
    plant, run = home
    with registry.unit_of_work(plant.engine) as session:
        session.execute(update(tables.DefectRate).values(separable=True))
        session.query(tables.Quarantine).delete()
        session.add(tables.DriftFigure(run_id=run, kind="mix", statistic="x", value=1.0,
                                       level="steady", words="fine"))  # fmt: skip
        session.flush()
        night = gather(session, run)
    shown = {f"scores {name}": "data:image/svg+xml;base64," for name in PATTERNS}
    calm = Page(render(night, shown, ZoneInfo("Asia/Tokyo")))
    assert "Nothing: no alert is open" in calm.text
    assert "all 1 comparisons with earlier nights are steady" in calm.text
    assert "JST" in calm.text
    assert calm.text.count("The picture is gone from the store.") == 12


def test_a_picture_that_is_gone_is_said(home: tuple[Plant, str], tmp_path: Path) -> None:
    plant, run = home
    with registry.unit_of_work(plant.engine) as session:
        lost = registry.worst(session, run, limit=1)[0].sha256
    Path(plant.settings.resolved_object_store(), thumb_key(lost)).unlink()
    assert page(plant, tmp_path / "night.html").text.count("The picture is gone") == 1


def test_what_cannot_be_printed_is_said(home: tuple[Plant, str], tmp_path: Path) -> None:
    plant, _ = home
    with pytest.raises(InputError, match=r"\.html, found night"):
        write_page(plant, tmp_path / "night.pdf")
    with pytest.raises(InputError, match="cannot be written"):
        write_page(plant, tmp_path / "source" / "000.png" / "night.html")
    with pytest.raises(RegistryError, match="run nowhere has no scores"):
        write_page(plant, tmp_path / "night.html", "nowhere")
    empty = open_plant(Settings(home=tmp_path / "empty", _env_file=None))
    with pytest.raises(RegistryError, match="technopro inspect"):
        write_page(empty, tmp_path / "night.html")


def test_numbers_are_easy_to_read() -> None:
    shares = [percent(share) for share in (0, 0.0004, 0.001, 0.126, 1)]
    assert shares == ["0.0%", "0.04%", "0.1%", "12.6%", "100.0%"]
    assert count(1234567) == "1\u202f234\u202f567"
