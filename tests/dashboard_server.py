"""The dashboard as the product starts it, and Debian's Chromium to look at it with."""

from __future__ import annotations

import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from dashboard import launch
from flows.server import free_port

CHROMIUM = Path("/usr/bin/chromium")
ROOT = launch.APP.parent.parent
START_TIMEOUT_S = 90.0
# In a browser: the script has ended, and all that it drew is there.
READY = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  return app && app.getAttribute('data-test-script-state') === 'notRunning'
    && document.querySelector('h1')
    && !document.querySelector('[data-testid="stSkeleton"], [data-stale="true"]')
    && [...document.images].every(image => image.complete);
}"""


@dataclass(frozen=True)
class Served:
    """A running dashboard."""

    url: str
    pid: int


@contextmanager
def served(
    folder: Path, port: int | None = None, login: Path | None = None, **settings: str
) -> Iterator[Served]:
    """Start the dashboard of the plant in `folder`/home as the product does.

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
            _wait_until_up(f"http://127.0.0.1:{port}", process, log)
            yield Served(f"http://127.0.0.1:{port}", process.pid)
        finally:
            process.terminate()
            process.wait(timeout=20)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Debian's Chromium."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield started
        started.close()


def _wait_until_up(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2):  # noqa: S310
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise AssertionError(f"the dashboard did not start; its log:\n{log.read_text()}")
