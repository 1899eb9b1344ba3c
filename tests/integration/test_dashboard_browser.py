"""The dashboard in a real Chromium: no error, nothing asked of another machine, both looks."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import filled_plant
import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import PAGE_TIMEOUT_MS, assert_calm, browser, look, serving
from dashboard_server import served
from playwright.sync_api import Browser, Page

from technopro import registry
from technopro.plant import open_plant
from technopro.settings import Settings

__all__ = ["browser"]
PAGES = ("", "scores", "samples", "patterns", "models", "review", "runs", "report")
BACKGROUND = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
DRAWN_HEIGHT = "bar => bar.getBoundingClientRect().height"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a dashboard over three patterns, two dozen images and an alert."""
    folder = tmp_path_factory.mktemp("filled")
    run = filled_plant.fill(folder / "home", folder / "images")
    plant = open_plant(Settings(home=folder / "home", _env_file=None))
    with registry.unit_of_work(plant.engine) as session:
        registry.raise_alert(
            session, "drift of scores: grain-1", level="warning", words="0.1 away", run_id=run
        )
        session.commit()
    plant.engine.dispose()
    with serving(folder) as url:
        yield url


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("language", "title"), [("ja", "昨夜の結果"), ("en", "Last night")])
def test_the_morning_page(
    browser: Browser, filled: str, language: str, title: str, theme: str
) -> None:
    """Every picture and chart is drawn, nothing is cut off, and the theme is the system's."""
    context = browser.new_context(
        color_scheme="dark" if theme == "dark" else "light",
        viewport={"width": 1280, "height": 4000},
    )
    page, heard = look(context, f"{filled}/?lang={language}")
    page.get_by_role("heading", name=title).wait_for()
    page.wait_for_function("document.querySelectorAll('.tp-pic img:not(.tp-heat)').length === 16")
    patterns = page.locator(".tn-interval")  # one a row, and one histogram a pattern
    assert page.locator(".tp-plot").count() == patterns.count() >= 3
    assert page.locator(".tp-plot .tp-bar").first.evaluate(DRAWN_HEIGHT) > 1
    assert patterns.locator("i").first.evaluate(DRAWN_HEIGHT) > 1
    broken = "[...document.images].filter(i => i.complete && !i.naturalWidth).length"
    assert page.evaluate(broken) == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    red, green, blue = (int(c) for c in page.evaluate(BACKGROUND)[4:-1].split(",")[:3])
    assert (red + green + blue < 200) is (theme == "dark")
    assert page.locator("b", has_text="radial").locator("b").count() == 0  # names are not markup
    page.locator(".tp-sheet a").first.click()
    page.locator(".tp-facts .tp-score").wait_for()
    assert_calm(page, heard)
    context.close()


def lasting_faults(page: Page) -> dict[tuple[str, str], str]:
    """What WCAG forbids, by rule and element; what is still fading in is asked about again."""
    found: dict[tuple[str, str], str] = {}
    for _ in range(5):
        judged = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
        found = {
            (rule["id"], node["html"]): node["failureSummary"]
            for rule in judged.response["violations"]
            for node in rule["nodes"]
        }
        if not found:
            break
        page.wait_for_timeout(1000)
    return found


LONGER = """[...document.querySelectorAll(".tn-alert *")]
    .map(part => part.append(" word".repeat(40))).length"""  # of texts that may be of any length
HANGING_OUT = """[...document.querySelectorAll("[data-testid=stHtml]")]
    .filter(box => box.scrollWidth > box.clientWidth + 12).map(box => box.innerText)"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_can_be_read(browser: Browser, filled: str, theme: str) -> None:
    """Contrast, names and order of all that is on a page, by the rules of WCAG 2.1 A and AA.

    No text reaches beyond its place, where something else may lie over it.
    """
    context = browser.new_context(color_scheme="dark" if theme == "dark" else "light")
    found = {}
    for name in PAGES:
        page, _ = look(context, f"{filled}/{name}?lang=en")
        page.get_by_role("heading", level=1).wait_for()
        found |= {(name, *fault): why for fault, why in lasting_faults(page).items()}
        longer = page.evaluate(LONGER)
        assert longer or name != PAGES[0]
        assert page.evaluate(HANGING_OUT) == [], name
        page.close()
    assert found == {}
    context.close()


def test_a_choice_reaches_the_address_and_comes_back(browser: Browser, filled: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 2000})
    page, heard = look(context, filled)
    page.get_by_role("radio", name="English").or_(
        page.get_by_role("button", name="English")
    ).first.click()
    page.get_by_role("heading", name="Last night").wait_for()
    page.wait_for_url("**/?lang=en")
    page.reload()
    page.get_by_role("heading", name="Last night").wait_for(timeout=PAGE_TIMEOUT_MS)
    assert_calm(page, heard)
    context.close()


def test_before_the_first_run(browser: Browser, tmp_path: Path) -> None:
    """The product as it is installed, started from another folder, with nothing inspected.

    The background shows that Streamlit found the configuration beside the application.
    """
    with serving(tmp_path) as url:
        context = browser.new_context(color_scheme="dark")
        page, heard = look(context, f"{url}/?lang=en")
        how = page.get_by_text("technopro demo")
        how.wait_for()
        title = page.get_by_role("heading", level=1)
        assert how.bounding_box()["x"] < title.bounding_box()["x"] + 100  # type: ignore[index]
        assert page.evaluate(BACKGROUND) == "rgb(20, 24, 28)"
        assert_calm(page, heard)
        context.close()


def test_another_name_for_this_machine_is_refused(filled: str) -> None:
    """A page elsewhere whose name was pointed at 127.0.0.1 gets no live connection."""
    address = urlsplit(filled)
    with socket.create_connection(("127.0.0.1", address.port or 0), timeout=10) as connection:
        connection.sendall(
            b"GET /_stcore/stream HTTP/1.1\r\nHost: evil.example\r\nOrigin: http://evil.example\r\n"
            b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        assert b" 403 " in connection.recv(200).split(b"\r\n")[0]


def test_small_answers_are_not_held_back(tmp_path: Path) -> None:
    """Streamlit's own event loop sends them by Nagle's algorithm, some 40 ms late each."""
    with served(tmp_path) as dashboard:
        assert "uvloop" in Path(f"/proc/{dashboard.pid}/maps").read_text(encoding="utf-8")
