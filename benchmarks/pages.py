"""How soon a page of the dashboard is ready once a million images have been judged.

    python benchmarks/pages.py --folder out/pages

Fills a plant with 400 nights of 2,500 images, thumbnails and heat maps of the newest ones, then
opens every page in Chromium, each time about another night: cold in a new browser, again in a new
tab of one that has been here before (as on the next morning), warm by the menu of a page that is
open. Ready is when the script has ended and all pictures are drawn. At the end
ten browsers look at 500 pages, and the server's memory is read.
"""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page
from registry_rows import Size, fill_if_empty
from sqlalchemy import select

from dashboard import launch
from technopro import registry
from technopro.explain.gradcam import encode_heat
from technopro.intake import thumb_key
from technopro.plant import Plant, open_plant
from technopro.registry.tables import Prediction
from technopro.settings import Settings

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from dashboard_server import READY, chromium, served

__all__ = ["READY"]  # slider.py waits for it too
FIRST = "tonight"  # at the root
PAGES = (
    FIRST,
    *sorted({one.stem for one in launch.APP.parent.glob("app_pages/[!_]*.py")} - {FIRST}),
)
PICTURED = 10  # newest nights that have pictures
TARGETS_S = {"cold": 1.5, "again": 1.5, "warm": 0.7}
TARGET_MB = 1000
BROWSERS, VIEWS = 10, 500


def main(
    folder: Annotated[Path, typer.Option(help="Where the plant is made, or lies already.")],
    nights: Annotated[int, typer.Option(help="Nights.")] = 400,
    images: Annotated[int, typer.Option(help="Images a night.")] = 2500,
    times: Annotated[int, typer.Option(help="Times that each page is opened.")] = 20,
) -> None:
    """Fill, measure and print; exit status 1 where a page is too slow or the memory too much."""
    plant = open_plant(Settings(home=folder / "home", _env_file=None))
    runs = _load(plant, Size(nights, images))
    with served(folder) as dashboard, chromium() as browser:
        url = dashboard.url
        ready(browser.new_context().new_page(), url)  # imports what all pages need
        seconds = {
            "cold": {page: _cold(browser, url, page, runs, times) for page in PAGES},
            "again": {page: _again(browser, url, page, runs, times) for page in PAGES},
            "warm": _warm(browser, url, runs, times),
        }
        slow = [_told(kind, pages) for kind, pages in seconds.items()]
        before = _memory_mb(dashboard.pid)
        _look_at_many(browser, url, runs)
        after = _memory_mb(dashboard.pid)
    print(f"memory of the server: {before:.0f} MB, after {VIEWS} views {after:.0f} MB")
    raise typer.Exit(1 if any(slow) or after > TARGET_MB else 0)


def _load(plant: Plant, size: Size) -> list[str]:
    """Fill an empty plant; return the runs of the nights with pictures, newest first."""
    empty = fill_if_empty(plant.engine, size)
    with registry.unit_of_work(plant.engine) as session:
        runs = [night.run_id for night in registry.nights(session, PICTURED)]
        if empty:
            for run in runs:
                wanted = select(Prediction.sha256, Prediction.heat_key)
                for sha256, heat in session.execute(wanted.where(Prediction.run_id == run)):
                    _draw(plant, sha256, heat)
    return runs


def _draw(plant: Plant, sha256: str, heat: str | None) -> None:
    """Store a thumbnail as large as those of photographs, and a heat map where there is one."""
    random = np.random.default_rng(int(sha256[:8], 16))
    small = random.integers(90, 160, (16, 16, 3)).astype(np.uint8)
    out = io.BytesIO()
    noise = random.integers(0, 12, (256, 256, 3)).astype(np.uint8)
    large = np.asarray(Image.fromarray(small).resize((256, 256))) + noise
    Image.fromarray(large).save(out, "PNG")
    plant.store.put(thumb_key(sha256), out.getvalue())
    if heat is not None:
        plant.store.put(heat, encode_heat(random.random((32, 32))))


def address(url: str, name: str, run: str) -> str:
    """Return a page's address; the first in the menu is at the root."""
    return f"{url}/{'' if name == FIRST else name}?run={run}"


def ready(page: Page, url: str) -> float:
    """Open an address and return the seconds until its page is ready."""
    started = time.perf_counter()
    page.goto(url)
    page.wait_for_function(READY, polling="raf")
    return time.perf_counter() - started


def _cold(browser: Browser, url: str, name: str, runs: list[str], times: int) -> list[float]:
    """Open a page in a new browser that has nothing in its memory, a night at a time."""
    found = []
    for number in range(times):
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        found.append(ready(context.new_page(), address(url, name, runs[number % len(runs)])))
        context.close()
    return found


def _again(browser: Browser, url: str, name: str, runs: list[str], times: int) -> list[float]:
    """Open a page in a new tab of a browser that keeps scripts and fonts of an earlier visit."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    found = []
    for number in range(times + 1):
        tab = context.new_page()
        found.append(ready(tab, address(url, name, runs[number % len(runs)])))
        tab.close()
    context.close()
    return found[1:]


def _warm(browser: Browser, url: str, runs: list[str], times: int) -> dict[str, list[float]]:
    """Go from page to page by the menu."""
    found: dict[str, list[float]] = {name: [] for name in PAGES}
    for number in range(times):
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        ready(page, f"{url}/runs?run={runs[number % len(runs)]}")
        for name in PAGES:
            found[name].append(_by_menu(page, name))
        context.close()
    return found


def _by_menu(page: Page, name: str) -> float:
    link = page.locator(f'[data-testid="stTopNavLink"][href*="{name}"]')
    if name == FIRST:
        link = page.locator('[data-testid="stTopNavLink"]').first
    title = page.locator("h1").first.inner_text()
    started = time.perf_counter()
    link.click()
    other = "document.querySelector('h1')?.innerText !== title"
    page.wait_for_function(f"title => {other} && ({READY})()", arg=title, polling="raf")
    return time.perf_counter() - started


def _look_at_many(browser: Browser, url: str, runs: list[str]) -> None:
    """Let ten browsers look at many pages in turn."""
    contexts: list[BrowserContext] = [browser.new_context() for _ in range(BROWSERS)]
    pages = [context.new_page() for context in contexts]
    random = np.random.default_rng(0)
    for number in range(VIEWS):
        name, run = str(random.choice(PAGES)), str(random.choice(runs))
        ready(pages[number % BROWSERS], address(url, name, run))


def _memory_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (kilobytes,) = (line.split()[1] for line in lines if line.startswith("VmRSS"))
    return int(kilobytes) / 1000


def _told(kind: str, pages: dict[str, list[float]]) -> bool:
    """Print a table; return whether a page is too slow."""
    worst = 0.0
    for name, seconds in pages.items():
        median, late = np.quantile(seconds, [0.5, 0.95])
        worst = max(worst, float(late))
        print(f"{kind:5} {name:9} median {median:5.2f} s   p95 {late:5.2f} s")
    return worst > TARGETS_S[kind]


if __name__ == "__main__":
    typer.run(main)
