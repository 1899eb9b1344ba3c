"""What people start from the dashboard, each with the role that it asks for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st
from sqlalchemy.orm import Session

from dashboard.access import Refused, Role
from dashboard.frame import View, doing
from dashboard.translations import Language
from technopro import registry
from technopro.errors import TechnoproError

NOT_STARTED = "tp-not-started"  # in the session: why, said by the next drawing
ROLES: dict[str, Role] = {"nightly": "reviewer", "new_pattern": "reviewer", "retrain": "engineer"}


def new_pattern(view: View) -> None:
    """Offer to learn patterns that nobody knows yet."""
    st.subheader(view.say("new_pattern_title"), anchor=False)
    st.write(view.say("new_pattern_how"))
    not_started(view.say)
    press(view, "new_pattern", [], "new_pattern_start")


def not_started(say: Language) -> None:
    """Say why the last wish came to nothing, if it did."""
    if why := st.session_state.pop(NOT_STARTED, None):
        st.warning(say("not_started"))
        st.text(why)


def press(view: View, flow: str, given: list[str], words: str = "start_now") -> None:
    """Show the button that starts a flow with these parameters, as `name=value`."""
    role = ROLES[flow]
    may = view.user.may(role)
    st.button(
        view.say(words), key=f"start-{flow}", type="primary", disabled=not may,
        help=None if may else view.say("needs_role", role=view.say(f"role_{role}")),
        on_click=doing, args=(partial(ask, view, flow, given),),
    )  # fmt: skip


def ask(view: View, flow: str, given: Sequence[str]) -> str | None:
    """Start a flow and note who did; returns what to say, None where it could not be started.

    Raises Refused for people without the role.
    """
    names: list[str] = []

    def act(session: Session, actor: str) -> None:
        registry.note(session, actor, "start flow", flow, parameters=list(given))
        names.append(_start(flow, given))

    role = "engineer" if "everything=true" in given else ROLES[flow]
    try:
        view.change(role, act)
    except Refused:
        raise
    except TechnoproError as error:
        st.session_state[NOT_STARTED] = str(error)
    return view.say("started", name=names[0]) if names else None


def _start(flow: str, given: Sequence[str]) -> str:
    """Start a flow on the running plant; Prefect is imported when somebody wants it."""
    from flows.environment import prepare
    from technopro.settings import Settings

    prepare(Settings(), PREFECT_LOGGING_LEVEL="CRITICAL")
    from flows.start import start

    return start(flow, given).name
