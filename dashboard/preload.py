"""Imports what other pages need while the first is looked at, so that none is slow at first."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from threading import Thread

import streamlit as st

SCRIPT = "app"  # is run, not imported


@st.cache_resource(show_spinner=False)
def preload() -> None:
    """Begin to import all of the dashboard, once a server."""
    Thread(target=_import_all, name="preload", daemon=True).start()


def _import_all() -> None:
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem not in (SCRIPT, "__init__"):
            import_module(f"dashboard.{path.stem}")
