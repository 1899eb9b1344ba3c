"""What people do from morning to noon, in a real browser, signed in as who they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from browsing import (
    PAGE_TIMEOUT_MS,
    PROVIDER,
    Guarded,
    Heard,
    assert_calm,
    browser,
    guarded,
    sign_in,
)
from dashboard_server import READY
from playwright.sync_api import Browser, Page, expect
from test_dashboard_models import learn

from technopro import registry

__all__ = ["browser", "guarded"]
pytestmark = pytest.mark.filterwarnings(PROVIDER)
REVIEWER, ENGINEER, VIEWER = "rei@plant.example", "eri", "vera@plant.example"
expect.set_options(timeout=PAGE_TIMEOUT_MS)


class Person:
    """Somebody in front of a browser of their own."""

    def __init__(self, browser: Browser, guarded: Guarded, subject: str) -> None:
        self.url, self.heard = guarded.url, Heard()
        self.page: Page = sign_in(browser, guarded.url, subject)
        self.heard.listen(self.page)

    def goes(self, path: str) -> Page:
        """Open a page and wait until it is drawn."""
        self.page.goto(f"{self.url}/{path}", timeout=PAGE_TIMEOUT_MS)
        self.page.wait_for_load_state("networkidle")  # the viewer and its keys come late
        self.settles()
        return self.page

    def settles(self) -> None:
        self.page.wait_for_function(READY, timeout=PAGE_TIMEOUT_MS)


@contextmanager
def signed_in(browser: Browser, guarded: Guarded, subject: str) -> Iterator[Person]:
    """Let somebody come and go; nothing may have gone wrong in their browser meanwhile."""
    person = Person(browser, guarded, subject)
    yield person
    assert_calm(person.page, person.heard)
    person.page.context.close()


@pytest.fixture
def reviewer(browser: Browser, guarded: Guarded) -> Iterator[Person]:
    with signed_in(browser, guarded, REVIEWER) as person:
        yield person


@pytest.fixture
def engineer(browser: Browser, guarded: Guarded) -> Iterator[Person]:
    with signed_in(browser, guarded, ENGINEER) as person:
        yield person


@pytest.fixture
def viewer(browser: Browser, guarded: Guarded) -> Iterator[Person]:
    with signed_in(browser, guarded, VIEWER) as person:
        yield person


def part_of(page: Page) -> str:
    """Return the path of the part under review."""
    return page.locator(".tp-card .tp-path").first.inner_text()


def test_a_suspect_is_opened_from_the_gallery_and_zoomed_into(reviewer: Person) -> None:
    page = reviewer.goes("samples?lang=en")
    page.locator("[data-testid=stMain] button", has_text="Open").first.click()
    frame = page.locator(".frame")
    expect(frame.locator(".scale")).to_contain_text("%")
    fitting = frame.locator(".scale").inner_text()
    assert "image=" in page.url  # the view can be sent to a colleague
    frame.focus()
    for _ in range(12):
        page.keyboard.press("+")
    expect(frame.locator(".scale")).to_have_text("1600 %")
    assert frame.locator(".picture").evaluate("i => i.naturalWidth") == 160  # all its pixels
    page.keyboard.press("0")
    expect(frame.locator(".scale")).to_have_text(fitting)


def test_ten_parts_are_judged_by_keyboard_alone(reviewer: Person, guarded: Guarded) -> None:
    page = reviewer.goes("review?lang=en&lane=audit")
    seen = []
    for number, key in enumerate("oxoosooxoo", 1):
        seen.append(part_of(page))
        page.keyboard.press(key)
        page.wait_for_function(
            "path => document.querySelector('.tp-card .tp-path').innerText !== path", arg=seen[-1]
        )
        judged = number - (number > "oxoosooxoo".index("s"))
        expect(page.get_by_text(f"{judged} of 24 looked at")).to_be_visible()
        reviewer.settles()
    page.keyboard.press("z")
    expect(page.locator(".tp-card .tp-path").first).to_have_text(seen[-1])
    assert len(set(seen)) == 10
    with registry.unit_of_work(guarded.plant.engine) as session:
        said = registry.verdicts(session)
    assert sorted(row.label for row in said) == ["defect"] * 2 + ["ok"] * 6
    assert {(row.actor, row.lane) for row in said} == {(f"{REVIEWER} (dashboard)", "audit")}


def test_two_reviewers_at_once_keep_their_own_answers(
    reviewer: Person, engineer: Person, guarded: Guarded
) -> None:
    pages = [person.goes("review?lang=en&lane=review") for person in (reviewer, engineer)]
    (path,) = {part_of(page) for page in pages}
    for page, key in zip(pages, "ox", strict=True):
        page.bring_to_front()
        page.keyboard.press(key)
        gone = page.locator(".tp-card .tp-path", has_text=path)
        expect(gone).to_have_count(0)  # another part, or none is left in the lane
    expect(pages[1].get_by_text("somebody else judged it meanwhile")).to_be_visible()
    with registry.unit_of_work(guarded.plant.engine) as session:
        sha256 = registry.find_image(session, path)
        said = {row.actor: row.label for row in registry.verdicts(session, sha256=sha256)}
    assert said == {f"{REVIEWER} (dashboard)": "ok", "eri@plant.example (dashboard)": "defect"}


def test_an_engineer_changes_a_threshold_and_a_reviewer_cannot(
    reviewer: Person, engineer: Person, guarded: Guarded
) -> None:
    address = "scores?lang=en&pattern=cloth-1&defect=0.7&review=0.2"
    button = reviewer.goes(address).locator(".st-key-scores-save button").first
    expect(button).to_be_disabled()
    page = engineer.goes(address)
    page.get_by_label("Why", exact=True).fill("too many false alarms")
    page.locator(".st-key-scores-save button").first.click()
    expect(page.get_by_text("Saved. It holds from the next night on")).to_be_visible()
    expect(page.locator("td", has_text="too many false alarms")).to_be_visible()
    with registry.unit_of_work(guarded.plant.engine) as session:
        row = registry.thresholds(session)["cloth-1"]
    assert (row.defect, row.review, row.actor) == (0.7, 0.2, "eri@plant.example (dashboard)")


def test_an_engineer_rolls_back_and_promotes_again(engineer: Person, guarded: Guarded) -> None:
    learn(guarded.plant, "v2")
    page = engineer.goes("models?lang=en&part=change&pattern=cloth-1")
    for way, version in (("Roll back", "v1"), ("Make it champion", "v2")):
        form = page.locator('[data-testid="stForm"]', has=page.get_by_role("button", name=way))
        form.get_by_label("Reason").fill("tried in the morning")
        form.get_by_text("I am sure").click()
        form.get_by_role("button", name=way).click()
        expect(page.locator("tr", has_text="cloth-1").first).to_contain_text(version)
        engineer.settles()
    with registry.unit_of_work(guarded.plant.engine) as session:
        assert registry.champions(session)["cloth-1"].version == "v2"
        deeds = [row.action for row in registry.audit_rows(session, "cloth-1")[:2]]
    assert deeds == ["promote", "roll back"]


def test_a_viewer_looks_and_is_offered_nothing_to_change(viewer: Person) -> None:
    expect(viewer.goes("?lang=en").locator(".tn-state")).to_be_visible()
    for path, button in (
        ("review?lang=en", "Fine"), ("models?lang=en&part=change&pattern=cloth-1", "Roll back"),
        ("patterns?lang=en", "Retire"), ("runs?lang=en", "Start"),
    ):  # fmt: skip
        found = viewer.goes(path).get_by_role("button", name=button)
        assert all(one.is_disabled() for one in found.all()), path
