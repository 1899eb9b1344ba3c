"""What people do with a pattern: name it, merge it, split it, retire it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from functools import partial

import streamlit as st
from sqlalchemy.orm import Session

from dashboard.address import remember, start
from dashboard.frame import View, doing
from dashboard.patterns import NEW, Standing
from dashboard.sure import role_help, sure
from dashboard.thumbnails import pictures
from technopro import registry
from technopro.registry.typical import typical

TITLE = 60  # characters
FIRST = 6  # pictures of a new pattern
KINDS, KIND = ("title", "merge", "split", "retire"), "pattern-change"


def newcomers(view: View, standing: Standing) -> None:
    """Show the patterns that wait for a name, with the first pictures of each; else nothing."""
    names = standing.new()
    if not names:
        return
    st.subheader(view.say("newcomers_title"), anchor=False)
    told = {alert.pattern: alert for alert in standing.news}
    for name in names:
        alert = told.get(name)
        came = alert.raised_at if alert else standing.known[name].created_at
        with st.container(border=True):
            st.text(view.say("newcomer", name=name, when=view.when(came)))
            run_id = first_night(standing, name)
            with view.session() as session:
                hashes = typical(session, run_id, name, FIRST) if run_id else []
            if hashes:
                alt = view.say("typical_alt", pattern=standing.called(name))
                pictures(view, hashes, alt, FIRST)
            else:
                st.caption(view.say("newcomer_unseen"))
            _title(view, name, "", f"first-{name}")


def first_night(standing: Standing, name: str) -> str | None:
    """Return the run of the first night that held a pattern, as far back as the charts go."""
    return next((row.run_id for row in standing.trend if row.pattern == name), None)


def change(view: View, standing: Standing) -> None:
    """Let people choose a living pattern and say what becomes of it."""
    say = view.say
    st.subheader(say("patterns_change_heading"), anchor=False)
    living = [p.name for p in standing.ordered() if p.living]
    if not living:
        st.write(say("patterns_change_nothing"))
        return
    name = str(
        st.selectbox(
            say("pattern"), living, living.index(start("pattern", living, living[0])),
            key="pattern", format_func=standing.called, on_change=remember,
            args=("pattern", living[0]),
        )
    )  # fmt: skip
    if name not in living:
        name = living[0]
    kind = st.segmented_control(
        say("patterns_change_heading"), KINDS, format_func=lambda one: say(f"change_{one}"),
        key=KIND, default=KINDS[0], required=True, label_visibility="collapsed",
    )  # fmt: skip
    if kind == "title":
        _title(view, name, standing.known[name].title or "", f"title-{name}")
    elif kind == "merge":
        _merge(view, standing, name, [other for other in living if other != name])
    elif kind == "split":
        st.write(say("split_how"))
        command = ["technopro", "pattern", "split", name, "--reason", say("split_reason")]
        st.code(shlex.join(command), language=None)
    else:
        st.write(say("retire_how"))
        done = say("patterns_retired")
        sure(view, f"retire-{name}", say("change_retire"), "engineer", partial(_retire, name), done)


def give_title(session: Session, actor: str, name: str, title: str) -> None:
    """Give a pattern its title; the alert that told of a new one has done its work."""
    registry.set_title(session, name, title, actor=actor)
    _known(session, actor, name)


def _known(session: Session, actor: str, name: str) -> None:
    """Close the alert that told of a new pattern: somebody has seen to it."""
    if registry.is_open(session, f"{NEW}{name}"):
        registry.close_alert(session, f"{NEW}{name}", actor=actor)


def _title(view: View, name: str, present: str, key: str) -> None:
    allowed = view.user.may("reviewer")
    with st.form(f"{key}-form", border=False):
        st.text_input(view.say("patterns_title_given"), present, key=key, max_chars=TITLE,
                      disabled=not allowed, help=view.say("patterns_title_help"))  # fmt: skip
        st.form_submit_button(
            view.say("change_title_do"), key=f"{key}-do", disabled=not allowed,
            help=role_help(view, "reviewer"), on_click=doing,
            args=(partial(_titled, view, name, key),),
        )  # fmt: skip


def _titled(view: View, name: str, key: str) -> str:
    title = str(st.session_state.get(key) or "").strip()
    if not title:
        return view.say("title_missing")
    view.change("reviewer", lambda session, actor: give_title(session, actor, name, title))
    return view.say("patterns_titled")


def _merge(view: View, standing: Standing, name: str, others: Sequence[str]) -> None:
    say = view.say
    if not others:
        st.write(say("merge_alone"))
        return
    st.write(say("merge_how"))
    into = str(
        st.selectbox(say("merge_into"), others, key=f"into-{name}", format_func=standing.called)
    )
    done = say("patterns_merged")
    act = partial(_merged, name, into)
    sure(view, f"merge-{name}-{into}", say("change_merge"), "engineer", act, done)


def _merged(name: str, into: str, session: Session, actor: str, reason: str) -> None:
    registry.merge(session, name, into, actor=actor, reason=reason)
    _known(session, actor, name)


def _retire(name: str, session: Session, actor: str, reason: str) -> None:
    registry.retire(session, name, actor=actor, reason=reason)
    _known(session, actor, name)
