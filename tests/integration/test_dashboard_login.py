"""Signing in at a real OpenID Connect provider, in a real browser, as people of each role."""

from __future__ import annotations

import pytest
from browsing import PAGE_TIMEOUT_MS, PROVIDER, Guarded, browser, guarded, open_page, sign_in
from playwright.sync_api import Browser

__all__ = ["browser", "guarded"]
pytestmark = pytest.mark.filterwarnings(PROVIDER)


@pytest.mark.parametrize("path", ["", "review", "samples", "models", "report"])
def test_nobody_sees_a_page_without_signing_in(
    browser: Browser, guarded: Guarded, path: str
) -> None:
    page = open_page(browser, f"{guarded.url}/{path}?lang=en")
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
    browser: Browser, guarded: Guarded, subject: str, shown: str
) -> None:
    page = sign_in(browser, guarded.url, subject)
    page.get_by_text(shown).wait_for(timeout=PAGE_TIMEOUT_MS)
    page.get_by_role("button", name="サインアウト").click()
    page.wait_for_url("**/end_session?**")  # the provider's own page
    page.goto(guarded.url, timeout=PAGE_TIMEOUT_MS)
    page.get_by_role("heading", name="サインインしてください").wait_for(timeout=PAGE_TIMEOUT_MS)
