"""What the tests in a real browser share: the dashboard, Chromium, and a provider to sign in at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import filled_plant
import oidc_provider_mock
import pytest
from dashboard_server import CHROMIUM, READY, chromium, served
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from flows.server import free_port
from technopro.plant import Plant, open_plant
from technopro.settings import Settings

INSTALL = "apt-get install -y chromium fonts-noto-cjk"
PROVIDER = "ignore:get_jwt_config"  # a warning of the provider's own
PEOPLE = {"vera@plant.example": "viewer", "rei@plant.example": "reviewer"}
PAGE_TIMEOUT_MS = 60_000


@dataclass
class Heard:
    """What the browser complained about, and whom it asked."""

    errors: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def listen(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.errors.append(f"page error: {error}"))
        page.on("console", self._note_error)
        page.on("requestfailed", self._note_failure)
        page.on("request", lambda request: self._note(request.url))
        page.on("websocket", lambda socket: self._note(socket.url))

    def _note_error(self, message: ConsoleMessage) -> None:
        asked = message.location["url"]  # below the path of a page Streamlit looks for itself first
        if message.type == "error" and "/_stcore/" not in asked:
            self.errors.append(f"{message.text} {asked}")

    def _note_failure(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # as by going on to another page
            self.errors.append(f"failed: {request.failure} {request.url}")

    def _note(self, url: str) -> None:
        if urlsplit(url).scheme not in ("data", "blob"):
            self.hosts.add(str(urlsplit(url).hostname))


@contextmanager
def serving(
    folder: Path, port: int | None = None, login: Path | None = None, **settings: str
) -> Iterator[str]:
    """Start the dashboard as `served` does; give its address."""
    with served(folder, port, login, **settings) as running:
        yield running.url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.fail(f"no browser at {CHROMIUM}; install it: {INSTALL}", pytrace=False)
    with chromium() as started:
        yield started


def look(context: BrowserContext, url: str) -> tuple[Page, Heard]:
    """Open the page and wait until it is drawn."""
    page, heard = context.new_page(), Heard()
    heard.listen(page)
    page.goto(url, timeout=PAGE_TIMEOUT_MS)
    page.wait_for_function(READY, timeout=PAGE_TIMEOUT_MS)
    page.wait_for_load_state("networkidle")
    return page, heard


def assert_calm(page: Page, heard: Heard) -> None:
    assert page.locator('[data-testid="stException"]').count() == 0
    assert heard.errors == []
    assert heard.hosts == {"127.0.0.1"}


@dataclass(frozen=True)
class Guarded:
    """A dashboard with sign-in, and the plant behind it."""

    url: str
    plant: Plant


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """A dashboard where people sign in, over one night."""
    folder = tmp_path_factory.mktemp("guarded")
    filled_plant.fill(folder / "home", folder / "images")
    users = [
        oidc_provider_mock.User(sub=email, claims={"email": email, "roles": [role]})
        for email, role in PEOPLE.items()
    ]
    users.append(oidc_provider_mock.User(sub="eri", claims={"email": "Eri@plant.example"}))
    with oidc_provider_mock.run_server_in_thread(user_claims=users) as provider:
        port = free_port()
        login = folder / "login.toml"
        login.write_text(
            f"""[auth]
redirect_uri = "http://127.0.0.1:{port}/oauth2callback"
cookie_secret = "{"x" * 40}"
client_id = "technopro"
client_secret = "any"
server_metadata_url = "http://localhost:{provider.server_port}/.well-known/openid-configuration"
"""
        )
        with serving(folder, port, login, roles='{"eri@plant.example": "engineer"}') as url:
            yield Guarded(url, open_plant(Settings(home=folder / "home", _env_file=None)))


def open_page(browser: Browser, url: str) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 1200}).new_page()
    page.goto(url, timeout=PAGE_TIMEOUT_MS)
    page.wait_for_function(READY, timeout=PAGE_TIMEOUT_MS)
    return page


def sign_in(browser: Browser, url: str, subject: str) -> Page:
    page = open_page(browser, f"{url}/?lang=en")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_placeholder("sub").fill(subject, timeout=PAGE_TIMEOUT_MS)
    page.get_by_role("button", name="Authorize").click()
    page.wait_for_function(READY, timeout=PAGE_TIMEOUT_MS)
    return page
