"""Imports what other pages need while the first is looked at, so that none is slow at first.

Streamlit collects garbage after every run of a script, and nobody is answered meanwhile. Modules
are no garbage: as soon as they are there they are left out, or answers wait a tenth of a second.
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
    Thread(target=_import_all, name="preload", daemon=True).start()


def _import_all() -> None:
    pages = sorted(path.stem for path in Path(__file__).parent.glob("*.py"))
    own = [f"dashboard.{name}" for name in pages if name not in (SCRIPT, "__init__")]
    for name in (*own, *LATE):
        import_module(name)
        gc.freeze()
