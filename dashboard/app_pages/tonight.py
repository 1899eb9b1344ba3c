"""The morning page: was last night fine, and which parts need eyes?"""

from __future__ import annotations

import streamlit as st

from dashboard import sections
from dashboard.frame import View, page, titled
from dashboard.runs import now
from dashboard.tonight import gather, state_of
from dashboard.tonight_gallery import gallery
from dashboard.tonight_look import CSS
from dashboard.tonight_next import next_steps
from technopro import registry


def show(view: View) -> None:
    """Draw the page from top to bottom."""
    night = titled(view, "title")
    if night is None:
        sections.before_the_first(view)
        return
    with view.session() as session:
        newest = registry.nights(session, 1)[0].run_id
        tonight = gather(session, night, night.run_id == newest)
    st.html(CSS)
    state = state_of(tonight, now())
    sections.answer(view, tonight, state)
    sections.numbers(view, tonight)
    next_steps(view, tonight, state)
    sections.patterns(view, tonight)
    sections.news(view, tonight)
    sections.quality(view, tonight)
    gallery(view, night.run_id, [p.night for p in tonight.patterns])
    sections.histograms(view, tonight)
    sections.quarantine(view, tonight)


page(show)
