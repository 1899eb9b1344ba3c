"""Signing in at a real OpenID Connect provider, in a real browser, as people of each role."""

from __future__ import annotations

from collections.abc import Iterator

import filled_plant
import oidc_provider_mock
import pytest
from playwright.sync_api import Browser, Page
from test_dashboard_browser import DONE, PAGE_TIMEOUT_MS, browser, free_port, serving

__all__ = ["browser"]
pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config")  # the provider's own
PEOPLE = {"vera@plant.example": "viewer", "rei@plant.example": "reviewer"}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a dashboard where people sign in, over one night."""
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
            yield url


def open_page(browser: Browser, url: str) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 1200}).new_page()
    page.goto(url, timeout=PAGE_TIMEOUT_MS)
    page.wait_for_selector(DONE, timeout=PAGE_TIMEOUT_MS)
    return page


def sign_in(browser: Browser, url: str, subject: str) -> Page:
    page = open_page(browser, f"{url}/?lang=en")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_placeholder("sub").fill(subject, timeout=PAGE_TIMEOUT_MS)
    page.get_by_role("button", name="Authorize").click()
    page.wait_for_selector(DONE, timeout=PAGE_TIMEOUT_MS)
    return page


@pytest.mark.parametrize("path", ["", "review", "samples", "models", "report"])
def test_nobody_sees_a_page_without_signing_in(browser: Browser, guarded: str, path: str) -> None:
    page = open_page(browser, f"{guarded}/{path}?lang=en")
    page.get_by_role("heading", name="Please sign in").wait_for(timeout=PAGE_TIMEOUT_MS)
    assert page.locator("img").count() == 0
    assert "cloth-1" not in page.content()


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("vera@plant.example", "vera@plant.example ・ 閲覧者"),
        ("rei@plant.example", "rei@plant.example ・ 判定者"),
        ("eri", "eri@plant.example ・ 設備担当者"),
    ],
)
def test_people_are_what_the_provider_or_the_plant_says(
    browser: Browser, guarded: str, subject: str, shown: str
) -> None:
    page = sign_in(browser, guarded, subject)
    page.get_by_text(shown).wait_for(timeout=PAGE_TIMEOUT_MS)
    page.get_by_role("button", name="サインアウト").click()
    page.wait_for_url("**/end_session?**")  # the provider's own page
    page.goto(guarded, timeout=PAGE_TIMEOUT_MS)
    page.get_by_role("heading", name="サインインしてください").wait_for(timeout=PAGE_TIMEOUT_MS)
