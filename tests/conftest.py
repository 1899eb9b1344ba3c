"""Several processes of tests run side by side, each on a core of its own.

Without it each would start as many threads as there are cores, and all would wait for each other.
"""

from __future__ import annotations

import os


def pytest_configure() -> None:
    worker = os.environ.get("PYTEST_XDIST_WORKER")  # gw0, gw1, …
    if worker is not None and hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[int(worker.removeprefix("gw")) % len(cores)]})
