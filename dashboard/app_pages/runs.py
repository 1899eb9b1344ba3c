"""What runs, what ran, what went wrong, and starting a run."""

from __future__ import annotations

import streamlit as st

from dashboard.frame import View, page
from dashboard.runs_history import history
from dashboard.runs_look import CSS, going_on, gone_wrong
from dashboard.runs_start import starters


def show(view: View) -> None:
    """Draw the page from top to bottom."""
    st.title(view.say("runs_title"), anchor=False)
    st.html(CSS)
    gone_wrong(view)
    going_on(view)
    starters(view)
    history(view)


page(show)
