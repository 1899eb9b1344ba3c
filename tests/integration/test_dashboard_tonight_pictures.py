"""The morning page's pictures, its choices in the address, and names that people gave."""

from __future__ import annotations

import re
from html import escape, unescape
from pathlib import Path
from urllib.parse import parse_qsl

import filled_plant
import pytest
from dashboard_plant import opened, point_at, written

from dashboard import plant as plant_module
from technopro import registry
from technopro.errors import StoreError
from technopro.intake import thumb_key
from technopro.plant import Plant
from technopro.registry.tables import Quarantine
from technopro.store import FolderStore

HOSTILE = "<img src=x onerror=alert(1)> **bold** $x$ :red[y]"
CARD = '<div class="tp-card">'
RADIAL = "<b>radial</b>"


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plant:
    plant = point_at(tmp_path, monkeypatch)
    filled_plant.fill(tmp_path / "home", tmp_path / "images")
    return plant


def night_of(plant: Plant) -> str:
    with registry.unit_of_work(plant.engine) as session:
        return registry.nights(session, 1)[0].run_id


def test_sixteen_worst_images_from_the_worst_down(plant: Plant) -> None:
    page = opened("tonight")
    cards = written(page).split(CARD)[1:]
    assert len(cards) == 16
    scores = [float(card.partition('tp-score">')[2][:4]) for card in cards]
    assert scores == sorted(scores, reverse=True)
    assert sum("no heat map" in card for card in cards) == 16 - 10
    assert "picture is not in the store" not in written(page)


def test_the_filter_is_kept_in_the_address(plant: Plant) -> None:
    page = opened("tonight")
    page.selectbox(key="pattern").select("cloth-1").run()
    assert page.query_params["pattern"] == "cloth-1"
    assert written(page).count(CARD) == filled_plant.IMAGES_A_PATTERN
    again = opened("tonight", pattern="cloth-1", opacity="80", heat="False")
    assert again.selectbox(key="pattern").value == "cloth-1"
    assert again.slider(key="opacity").value == 80
    assert not again.toggle(key="heat").value


@pytest.mark.parametrize("value", ["", "no such thing", "-1", "9" * 5000, "<script>", "²"])
def test_nonsense_in_the_address_is_ignored(plant: Plant, value: str) -> None:
    page = opened("tonight", lang=value, run=value, pattern=value, opacity=value, heat=value)
    assert page.title[0].value == "昨夜の結果"
    assert page.selectbox(key="run").value == night_of(plant)
    assert page.selectbox(key="pattern").value == ""
    assert page.slider(key="opacity").value in range(0, 101, 10)


def test_names_given_by_people_are_never_markup(plant: Plant) -> None:
    with registry.unit_of_work(plant.engine) as session:
        registry.set_title(session, "cloth-1", HOSTILE, actor="Aoi")
        session.add(Quarantine(batch_id=1, path=HOSTILE, reason=HOSTILE))
        session.commit()
    page = opened("tonight")
    shown = written(page)
    assert RADIAL in page.selectbox(key="pattern").options
    assert "<img src=x" not in shown
    assert "&lt;img src=x" in shown
    assert RADIAL not in shown
    assert f'>{escape(HOSTILE)}</td><td class="tp-words">{escape(HOSTILE)}<' in shown


def test_without_the_object_store_the_figures_still_show(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line instead of the pictures, and one question to the store, not sixteen."""
    asked: list[str] = []

    def away(self: FolderStore, key: str) -> bytes:
        asked.append(key)
        raise StoreError("expected a folder, found none; is the drive connected?")

    monkeypatch.setattr(FolderStore, "get", away)
    page = opened("tonight")
    assert len(page.metric) == 4
    assert "is the drive connected?" in written(page)
    assert "Scores by pattern" in written(page)
    assert len(asked) == 1


def test_a_picture_that_is_gone_is_said_and_found_once_it_is_back(plant: Plant) -> None:
    with registry.unit_of_work(plant.engine) as session:
        worst = registry.worst(session, night_of(plant))[0]
    key = thumb_key(worst.sha256)
    picture = plant.store.get(key)
    _forget(plant, key)
    assert written(opened("tonight")).count("The picture is not in the store.") == 1
    plant.store.put(key, picture)
    assert "not in the store" not in written(opened("tonight"))


def _forget(plant: Plant, key: str) -> None:
    (Path(plant.store.url.removeprefix("file://")) / key).unlink()
    plant_module._light.clear()


def test_a_picture_leads_to_its_large_view_and_the_name_comes_along(plant: Plant) -> None:
    page = opened("tonight", who="Aoi <i>")
    assert "who" not in page.query_params
    link = unescape(re.findall(r'<a href="([^"]*)"><div class="tp-pic">', written(page))[0])
    path, _, query = link.partition("?")
    asked = dict(parse_qsl(query))
    with registry.unit_of_work(plant.engine) as session:
        worst = registry.worst(session, night_of(plant))[0]
    assert (path, asked["who"]) == ("samples", "Aoi <i>")
    large = opened("samples", **asked)
    assert worst.path in written(large)
    assert large.session_state["who"] == "Aoi <i>"
    assert "tp-facts" in written(large)
