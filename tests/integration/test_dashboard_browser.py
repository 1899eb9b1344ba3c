"""The dashboard in a real Chromium: no error, nothing asked of another machine, both looks."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import filled_plant
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from dashboard import launch

CHROMIUM = Path("/usr/bin/chromium")
INSTALL = "apt-get install -y chromium fonts-noto-cjk"
ROOT = launch.APP.parent.parent
START_TIMEOUT_S = 90.0
PAGE_TIMEOUT_MS = 60_000
DONE = '[data-test-script-state="notRunning"]'
BACKGROUND = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"


@dataclass
class Heard:
    """What the browser complained about, and whom it asked."""

    errors: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def listen(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.errors.append(f"page error: {error}"))
        page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        page.on("requestfailed", lambda r: self.errors.append(f"failed: {r.url}"))
        page.on("request", lambda request: self._note(request.url))
        page.on("websocket", lambda socket: self._note(socket.url))

    def _note(self, url: str) -> None:
        if urlsplit(url).scheme not in ("data", "blob"):
            self.hosts.add(str(urlsplit(url).hostname))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_up(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2):  # noqa: S310
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise AssertionError(f"the dashboard did not start; its log:\n{log.read_text()}")


@contextmanager
def serving(
    folder: Path, port: int | None = None, login: Path | None = None, **settings: str
) -> Iterator[str]:
    """Start the dashboard of the plant in `folder`/home as the product does; give its address.

    People sign in as the file `login` says; `settings` are more TECHNOPRO_ variables.
    """
    port, log = port or free_port(), folder / "server.log"
    environment = {**os.environ, **launch.environment(), "PYTHONPATH": str(ROOT)}
    environment |= {"TECHNOPRO_HOME": str(folder / "home"), "HOME": str(folder)}
    environment |= {f"TECHNOPRO_{name.upper()}": value for name, value in settings.items()}
    if login is not None:
        environment["TECHNOPRO_LOGIN"] = str(login)
    with log.open("wb") as output:
        process = subprocess.Popen(
            launch.command(port=port, login=login),
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_until_up(f"http://127.0.0.1:{port}", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=20)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.fail(f"no browser at {CHROMIUM}; install it: {INSTALL}", pytrace=False)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a dashboard over three patterns and two dozen images."""
    folder = tmp_path_factory.mktemp("filled")
    filled_plant.fill(folder / "home", folder / "images")
    with serving(folder) as url:
        yield url


def look(context: BrowserContext, url: str) -> tuple[Page, Heard]:
    """Open the page and wait until it is drawn."""
    page, heard = context.new_page(), Heard()
    heard.listen(page)
    page.goto(url, timeout=PAGE_TIMEOUT_MS)
    page.wait_for_selector(DONE, timeout=PAGE_TIMEOUT_MS)
    page.wait_for_load_state("networkidle")
    return page, heard


def assert_calm(page: Page, heard: Heard) -> None:
    assert page.locator('[data-testid="stException"]').count() == 0
    assert heard.errors == []
    assert heard.hosts == {"127.0.0.1"}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("language", "title"), [("ja", "朝の検査レポート"), ("en", "Morning report")]
)
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
    page.wait_for_function("document.querySelectorAll('[data-testid=stImage] img').length === 16")
    page.wait_for_function("document.querySelectorAll('[data-testid=stVegaLiteChart] canvas,"
                           "[data-testid=stVegaLiteChart] svg').length >= 4")  # fmt: skip
    broken = "[...document.images].filter(i => i.complete && !i.naturalWidth).length"
    assert page.evaluate(broken) == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    red, green, blue = (int(c) for c in page.evaluate(BACKGROUND)[4:-1].split(",")[:3])
    assert (red + green + blue < 200) is (theme == "dark")
    assert page.locator("b", has_text="radial").locator("b").count() == 0  # names are not markup
    assert_calm(page, heard)
    context.close()


def test_a_choice_reaches_the_address_and_comes_back(browser: Browser, filled: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 2000})
    page, heard = look(context, filled)
    page.get_by_role("radio", name="English").or_(
        page.get_by_role("button", name="English")
    ).first.click()
    page.get_by_role("heading", name="Morning report").wait_for()
    page.wait_for_url("**/?lang=en")
    page.reload()
    page.get_by_role("heading", name="Morning report").wait_for(timeout=PAGE_TIMEOUT_MS)
    assert_calm(page, heard)
    context.close()


def test_before_the_first_run(browser: Browser, tmp_path: Path) -> None:
    """The product as it is installed, started from another folder, with nothing inspected.

    The background shows that Streamlit found the configuration beside the application.
    """
    with serving(tmp_path) as url:
        context = browser.new_context(color_scheme="dark")
        page, heard = look(context, f"{url}/?lang=en")
        page.get_by_text("technopro demo").wait_for()
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
