"""The sixteen most suspicious images with their heat maps."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from dashboard.address import remember, start, start_percent
from dashboard.frame import trouble
from dashboard.pictures import overlay
from dashboard.records import Night, Records, Suspect
from dashboard.translations import Language
from technopro.errors import TechnoproError

SHOWN, A_ROW = 16, 4
ALL = ""
OPACITY = 50  # percent


@st.fragment
def gallery(records: Records, night: Night, say: Language) -> None:
    """Show filter, heat map controls and a 4 x 4 sheet; only this part reruns when they move."""
    st.subheader(say("worst_title"))
    st.caption(say("worst_caption"))
    pattern, opacity = _controls([n.pattern for n in night.patterns], say)
    try:
        _sheet(records, records.worst(night.run.run_id, pattern or None, SHOWN), opacity, say)
    except TechnoproError as error:  # the figures on the rest of the page stay
        trouble(error, say)


def card_text(suspect: Suspect, has_heat: bool, say: Language) -> str:
    """Return what stands under a picture, as HTML; paths and names are escaped."""
    note = "" if has_heat else f" · {escape(say('no_heat'))}"
    return (
        f'<div class="tp-card"><span class="tp-score">{suspect.score:.2f}</span>'
        f'<span class="tp-chip tp-{suspect.decision}">{escape(say(f"decision_{suspect.decision}"))}'
        f"</span><br>{escape(suspect.pattern)}{note}"
        f'<br><span class="tp-path">{escape(suspect.path)}</span></div>'
    )


def _controls(patterns: list[str], say: Language) -> tuple[str, float]:
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


def _sheet(records: Records, suspects: Sequence[Suspect], opacity: float, say: Language) -> None:
    if not suspects:
        st.write(say("no_images"))
    for first in range(0, len(suspects), A_ROW):
        columns = st.columns(A_ROW)
        for column, suspect in zip(columns, suspects[first : first + A_ROW], strict=False):
            with column:
                _card(records, suspect, opacity, say)


def _card(records: Records, suspect: Suspect, opacity: float, say: Language) -> None:
    thumbnail = records.thumbnail(suspect.sha256)
    heat = records.heat(suspect.heat_key) if suspect.heat_key else None
    decision = say(f"decision_{suspect.decision}")
    if thumbnail is None:
        st.write(say("no_picture"))
    else:
        alt = say("picture_alt", path=suspect.path, pattern=suspect.pattern,
                  score=f"{suspect.score:.2f}", decision=decision)  # fmt: skip
        picture = overlay(thumbnail, heat, opacity)
        st.image(picture, width="stretch", output_format="PNG", alt=alt)
    st.html(card_text(suspect, heat is not None, say))
