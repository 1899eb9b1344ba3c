"""How soon the scores page answers a threshold that is moved, with 100,000 scores of one pattern.

    python benchmarks/slider.py --folder out/slider

A key is pressed on the slider; answered is when the counts and the cost have changed and the
script has ended.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from pages import READY, ready
from playwright.sync_api import Page
from registry_rows import PATTERNS, Size, fill_if_empty

from technopro import registry
from technopro.plant import open_plant
from technopro.settings import Settings

SCORES = 100_000  # of each pattern, about
TARGET_S = 0.2
SHOWN = "[...document.querySelectorAll('[data-testid=\"stMetricValue\"]')].map(m => m.innerText)"


def main(
    folder: Annotated[Path, typer.Option(help="Where the plant is made, or lies already.")],
    times: Annotated[int, typer.Option(help="Keys pressed.")] = 40,
) -> None:
    """Fill, measure and print; exit status 1 where it is too slow."""
    from dashboard_server import chromium, served  # found by `pages`

    plant = open_plant(Settings(home=folder / "home", _env_file=None))
    fill_if_empty(plant.engine, Size(1, SCORES * len(PATTERNS)))
    with registry.unit_of_work(plant.engine) as session:
        (night,) = registry.nights(session, 1)
        most = max(registry.night(session, night.run_id), key=lambda one: one.images)
    with served(folder) as dashboard, chromium() as browser:
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        ready(page, f"{dashboard.url}/scores?run={night.run_id}&pattern={most.pattern}")
        seconds = [_moved(page, number) for number in range(times + 1)][1:]
    median, late = np.quantile(seconds, [0.5, 0.95])
    print(f"{most.images:,} scores: median {1000 * median:.0f} ms   p95 {1000 * late:.0f} ms")
    raise typer.Exit(int(late > TARGET_S))


def _moved(page: Page, number: int) -> float:
    """Press a key on the slider of the defect threshold; return the seconds to the answer."""
    before = page.evaluate(SHOWN)
    page.get_by_role("slider").nth(1).focus()
    started = time.perf_counter()
    page.keyboard.press("ArrowLeft" if number % 2 else "ArrowRight")
    page.wait_for_function(
        f"before => {SHOWN}.join() !== before.join() && ({READY})()", arg=before, polling="raf"
    )
    return time.perf_counter() - started


if __name__ == "__main__":
    typer.run(main)
