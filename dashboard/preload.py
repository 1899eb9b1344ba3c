"""Imports what other pages need while the first is looked at, so that none is slow at first.

Streamlit collects garbage after every run of a script, and nobody is answered meanwhile. Modules
are no garbage: once all are there they are left out, or every answer waits a tenth of a second.
"""

from __future__ import annotations

import gc
from importlib import import_module
from pathlib import Path
from threading import Thread

import streamlit as st

SCRIPT = "app"  # is run, not imported
LATE = ("pandas", "scipy.special", "sklearn.metrics")  # the registry imports them when asked


@st.cache_resource(show_spinner=False)
def preload() -> None:
    """Begin to import all of the dashboard, once a server."""
    Thread(target=_prepare, name="preload", daemon=True).start()


def _prepare() -> None:
    _import_all()
    gc.collect()
    gc.freeze()


def _import_all() -> None:
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem not in (SCRIPT, "__init__"):
            import_module(f"dashboard.{path.stem}")
    for name in LATE:
        import_module(name)
