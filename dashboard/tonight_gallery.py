"""The sixteen most suspicious images of a night with their heat maps."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import urlencode

import streamlit as st

from dashboard.controls import choose_pattern, heat_strength
from dashboard.frame import View, trouble
from dashboard.samples import DIGITS, titles, unsure
from dashboard.samples_cards import Look, picture
from technopro.errors import TechnoproError
from technopro.registry.gallery import Sample, Wanted, samples
from technopro.results import PatternNight

SHOWN = 16


@st.fragment
def gallery(view: View, run_id: str, patterns: Sequence[PatternNight]) -> None:
    """Show filter, heat map controls and a 4 x 4 sheet; only this part reruns when they move."""
    say = view.say
    st.subheader(say("worst_title"), anchor=False)
    st.caption(say("worst_caption"))
    left, middle, right = st.columns([2, 1, 2], vertical_alignment="bottom")
    try:
        called = titles(view)
        pattern = choose_pattern(left, [one.pattern for one in patterns], called, say)
        look = Look(view, called, heat_strength(middle, right, say), unsure(patterns))
        with view.session() as session:
            worst = samples(session, Wanted(run_id, "worst", pattern), SHOWN)
        _sheet(look, run_id, worst)
    except TechnoproError as error:  # the figures on the rest of the page stay
        trouble(error, say)


def _sheet(look: Look, run_id: str, worst: Sequence[Sample]) -> None:
    if not worst:
        st.write(look.view.say("no_images"))
        return
    tiles = "".join(
        f'<a href="{_large(look, run_id, row)}">{picture(look, row)}</a>' for row in worst
    )
    st.html(f'<div class="tp-sheet">{tiles}</div>')


def _large(look: Look, run_id: str, row: Sample) -> str:
    """Return the address, from this page, at which an image is shown large."""
    asked = {"run": run_id, "image": row.sha256[:DIGITS], "lang": look.view.say.code}
    if who := st.session_state.get("who"):
        asked["who"] = who  # the link opens a session of its own
    return escape(f"samples?{urlencode(asked)}")
