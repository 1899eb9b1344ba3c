"""What people start from the dashboard."""

from __future__ import annotations

import streamlit as st

from dashboard.translations import Language
from technopro.errors import TechnoproError
from technopro.settings import Settings


def new_pattern(say: Language) -> None:
    """Offer to learn patterns that nobody knows yet, and say what came of the wish."""
    st.subheader(say("new_pattern_title"))
    st.write(say("new_pattern_how"))
    if not st.button(say("new_pattern_start"), key="new-pattern"):
        return
    with st.spinner(say("starting")):
        try:
            name = _start("new_pattern")
        except TechnoproError as error:
            st.warning(say("not_started"))
            st.text(str(error))
            return
    st.success(say("started", name=name))


def _start(flow: str) -> str:
    """Start a flow on the running plant; Prefect is imported when somebody wants it."""
    from flows.environment import prepare

    prepare(Settings(), PREFECT_LOGGING_LEVEL="CRITICAL")
    from flows.start import start

    return start(flow, []).name
