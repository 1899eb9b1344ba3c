"""Models and their history."""

from __future__ import annotations

import streamlit as st

from dashboard.address import remember, start
from dashboard.frame import View, nothing_yet, page
from dashboard.models import History, history, name_of
from dashboard.models_change import change
from dashboard.models_compare import comparison
from dashboard.models_history import champions, told
from dashboard.models_question import question
from technopro import registry
from technopro.registry.reigns import present_reigns

PARTS = ("history", "compare", "change", "question")


def show(view: View) -> None:
    """Draw the page: who judges what, then the part that people choose."""
    say = view.say
    st.title(say("models_title"), anchor=False)
    with view.session() as session:
        known, reigns = registry.patterns(session), present_reigns(session)
    if not known:
        nothing_yet(say)
        return
    champions(view, known, reigns)
    part = st.segmented_control(
        say("models_part"), PARTS, default=start("part", PARTS, PARTS[0]), key="part",
        format_func=lambda name: say(f"part_{name}"), required=True, on_change=remember,
        args=("part", PARTS[0]), label_visibility="collapsed",
    )  # fmt: skip
    if part == "question":
        question(view)
        return
    found = _chosen(view, sorted(known.values(), key=lambda p: (p.name not in reigns, p.name)))
    if part == "compare":
        comparison(view, found.pattern.name)
    elif part == "change":
        change(view, found)
    else:
        told(view, found)


def _chosen(view: View, patterns: list[registry.PatternRow]) -> History:
    names = {pattern.name: pattern for pattern in patterns}
    first = patterns[0].name
    name = st.selectbox(
        view.say("pattern"), list(names), list(names).index(start("pattern", list(names), first)),
        key="pattern", format_func=lambda name: name_of(names[name]), on_change=remember,
        args=("pattern", first),
    )  # fmt: skip
    return history(view, names.get(str(name), patterns[0]))


page(show)
