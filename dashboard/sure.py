"""What cannot easily be undone asks for a reason and for a tick, and says which role may do it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st
from sqlalchemy.orm import Session

from dashboard.access import Role
from dashboard.frame import View, doing

LONGEST = 200  # characters of a reason
Act = Callable[[Session, str, str], object]  # session, actor, reason


def sure(view: View, key: str, label: str, role: Role, act: Act, news: str) -> None:
    """Show reason, tick and button; `act(session, actor, reason)` is what was meant at drawing.

    `key` names the deed and what it is done to; `news` is said when it is done.
    """
    allowed = view.user.may(role)
    with st.form(f"{key}-form", border=False):
        st.text_input(view.say("reason"), key=f"{key}-reason", max_chars=LONGEST,
                      disabled=not allowed)  # fmt: skip
        st.checkbox(view.say("sure_tick"), key=f"{key}-tick", disabled=not allowed)
        st.form_submit_button(
            label, key=f"{key}-do", disabled=not allowed, help=role_help(view, role),
            on_click=doing, args=(partial(_do, view, key, role, act, news),),
        )  # fmt: skip


def role_help(view: View, role: Role) -> str | None:
    """Return which role is needed, where this person's is not enough."""
    if view.user.may(role):
        return None
    return view.say("needs_role", role=view.say(f"role_{role}"))


def _do(view: View, key: str, role: Role, act: Act, news: str) -> str:
    reason = str(st.session_state.get(f"{key}-reason") or "").strip()
    if not reason or not st.session_state.get(f"{key}-tick"):
        return view.say("sure_missing")
    view.change(role, lambda session, actor: act(session, actor, reason))
    st.session_state[f"{key}-reason"], st.session_state[f"{key}-tick"] = "", False
    return news
