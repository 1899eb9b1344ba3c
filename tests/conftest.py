"""Several processes of tests run side by side, each computing with one thread.

Without it each would start as many threads as there are cores, and all would wait for each other.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator

import pytest


def pytest_xdist_auto_num_workers() -> int:
    """One more than cores: the tests of whole plants wait for long."""
    return len(os.sched_getaffinity(0)) + 1 if hasattr(os, "sched_getaffinity") else 2


def pytest_configure(config: pytest.Config) -> None:
    os.environ |= {"TECHNOPRO_THREADS": "1", "OMP_NUM_THREADS": "1"}
    os.environ["TECHNOPRO_FEATURE_CACHE_MB"] = "512"  # where 4 GB are not to be taken for granted
    worker = os.environ.get("PYTEST_XDIST_WORKER")  # gw0, gw1, …
    if worker is None and "TECHNOPRO_CACHE" not in os.environ:  # all plants convert a network once
        cache = os.environ["TECHNOPRO_CACHE"] = tempfile.mkdtemp(prefix="technopro-cache-")
        config.add_cleanup(lambda: shutil.rmtree(cache, ignore_errors=True))


@pytest.fixture(autouse=True)
def _own_main_module() -> Iterator[None]:
    """Streamlit's AppTest takes the place of `__main__`, which a spawned process would import."""
    own = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = own
