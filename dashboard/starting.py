"""What people start from the dashboard, each with the role that it asks for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st
from sqlalchemy.orm import Session

from dashboard.access import Refused, Role
from dashboard.frame import View, doing, literally
from dashboard.translations import Language
from technopro import registry
from technopro.errors import TechnoproError

if TYPE_CHECKING:
    from flows.start import Stage, Started

NOT_STARTED = "tp-not-started"  # in the session: why, said by the next drawing
STARTED, ENDED = "tp-started", "tp-ended"  # in the session: the run that this person started last
OFTEN = "5s"
ROLES: dict[str, Role] = {"nightly": "reviewer", "new_pattern": "reviewer", "retrain": "engineer"}


def new_pattern(view: View) -> None:
    """Offer to learn patterns that nobody knows yet."""
    st.subheader(view.say("new_pattern_title"), anchor=False)
    st.write(view.say("new_pattern_how"))
    not_started(view.say)
    followed(view)
    press(view, "new_pattern", [], "new_pattern_start")


def not_started(say: Language) -> None:
    """Say why the last wish came to nothing, if it did."""
    if why := st.session_state.pop(NOT_STARTED, None):
        st.warning(say("not_started"))
        st.text(why)


def followed(view: View) -> None:
    """Say how the run goes that this person started last; drawn anew until it has ended."""
    if ended := st.session_state.pop(ENDED, None):
        run, stage = ended
        (st.success if stage == "completed" else st.error)(_going(view, run, stage))
    elif run := st.session_state.get(STARTED):
        st.fragment(_followed, run_every=OFTEN)(view, run)


def _followed(view: View, run: Started) -> None:
    try:
        stage = _stage(run)
    except TechnoproError as error:
        st.text(str(error))
        return
    if stage in ("completed", "failed"):
        st.session_state[ENDED] = st.session_state.pop(STARTED), stage
        st.rerun()  # the whole page: what came of it
    st.info(_going(view, run, stage))


def _going(view: View, run: Started, stage: Stage) -> str:
    return view.say(f"run_{stage}", name=literally(run.name), page=view.say("page_runs"))


def press(view: View, flow: str, given: list[str], words: str = "start_now") -> None:
    """Show the button that starts a flow with these parameters, as `name=value`."""
    role = ROLES[flow]
    may = view.user.may(role)
    st.button(
        view.say(words), key=f"start-{flow}", type="primary", disabled=not may,
        help=None if may else view.say("needs_role", role=view.say(f"role_{role}")),
        on_click=doing, args=(partial(ask, view, flow, given),),
    )  # fmt: skip


def ask(view: View, flow: str, given: Sequence[str]) -> None:
    """Start a flow and note who did; raises Refused for people without the role."""

    def act(session: Session, actor: str) -> None:
        registry.note(session, actor, "start flow", flow, parameters=list(given))
        st.session_state[STARTED] = _start(flow, given)

    role = "engineer" if "everything=true" in given else ROLES[flow]
    try:
        view.change(role, act)
    except Refused:
        raise
    except TechnoproError as error:
        st.session_state[NOT_STARTED] = str(error)


def _start(flow: str, given: Sequence[str]) -> Started:
    """Start a flow on the running plant; Prefect is imported when somebody wants it."""
    from flows.environment import prepare
    from technopro.settings import Settings

    prepare(Settings(), PREFECT_LOGGING_LEVEL="CRITICAL")
    from flows.start import start

    return start(flow, given)


def _stage(run: Started) -> Stage:
    """Return how far a run is that `_start` started."""
    from flows.start import stage_of

    return stage_of(run.id)
