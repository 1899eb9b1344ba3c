"""The sixteen most suspicious images of a night with their heat maps."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from dashboard.address import remember, start, start_percent
from dashboard.frame import View, trouble
from dashboard.pictures import heat_note, overlay
from dashboard.translations import Language
from technopro import registry
from technopro.errors import TechnoproError
from technopro.registry import SuspectRow

SHOWN, A_ROW = 16, 4
ALL = ""
OPACITY = 50  # percent
KEPT = 512  # thumbnails and heat maps in memory, about 50 kB each


@st.fragment
def gallery(view: View, run_id: str, patterns: Sequence[str]) -> None:
    """Show filter, heat map controls and a 4 x 4 sheet; only this part reruns when they move."""
    say = view.say
    st.subheader(say("worst_title"), anchor=False)
    st.caption(say("worst_caption"))
    pattern, opacity = _controls(patterns, say)
    try:
        with view.session() as session:
            suspects = registry.worst(session, run_id, pattern or None, SHOWN)
        _sheet(view, suspects, opacity)
    except TechnoproError as error:  # the figures on the rest of the page stay
        trouble(error, say)


def card_text(suspect: SuspectRow, heat: bytes | None, say: Language) -> str:
    """Return what stands under a picture, as HTML; paths and names are escaped."""
    warning = heat_note(heat)
    note = f" · {escape(say(warning))}" if warning else ""
    return (
        f'<div class="tp-card"><span class="tp-score">{suspect.score:.2f}</span>'
        f'<span class="tp-chip tp-{suspect.decision}">{escape(say(f"decision_{suspect.decision}"))}'
        f"</span><br>{escape(suspect.pattern)}{note}"
        f'<br><span class="tp-path">{escape(suspect.path)}</span></div>'
    )


def _controls(patterns: Sequence[str], say: Language) -> tuple[str, float]:
    """Return the chosen pattern ("" for all) and the opacity, 0 where the map is off."""
    left, middle, right = st.columns([2, 1, 2], vertical_alignment="bottom")
    options = [ALL, *patterns]
    pattern = left.selectbox(
        say("pattern"), options, options.index(start("pattern", options, ALL)), key="pattern",
        format_func=lambda name: name or say("all_patterns"),
        on_change=remember, args=("pattern", ALL),
    )  # fmt: skip
    shown = middle.toggle(
        say("heat"), start("heat", ("True", "False"), "True") == "True", key="heat",
        on_change=remember, args=("heat", True),
    )  # fmt: skip
    percent = right.slider(
        say("heat_opacity"), 0, 100, start_percent("opacity", OPACITY), 10, format="%d %%",
        key="opacity", disabled=not shown, on_change=remember, args=("opacity", OPACITY),
    )  # fmt: skip
    return str(pattern or ALL), percent / 100 if shown else 0.0


def _sheet(view: View, suspects: Sequence[SuspectRow], opacity: float) -> None:
    if not suspects:
        st.write(view.say("no_images"))
    for first in range(0, len(suspects), A_ROW):
        columns = st.columns(A_ROW)
        for column, suspect in zip(columns, suspects[first : first + A_ROW], strict=False):
            with column:
                _card(view, suspect, opacity)


def _card(view: View, suspect: SuspectRow, opacity: float) -> None:
    say = view.say
    thumbnail, heat = view.thumbnail(suspect.sha256), view.heat(suspect.heat_key)
    if thumbnail is None:
        st.write(say("no_picture"))
    else:
        alt = say("picture_alt", path=suspect.path, pattern=suspect.pattern,
                  score=f"{suspect.score:.2f}",
                  decision=say(f"decision_{suspect.decision}"))  # fmt: skip
        picture = overlay(thumbnail, heat, opacity)
        st.image(picture, width="stretch", output_format="PNG", alt=alt)
    st.html(card_text(suspect, heat, say))
