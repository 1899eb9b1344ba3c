"""Review: one part at a time, large, by keyboard."""

from __future__ import annotations

from functools import partial
from html import escape

import streamlit as st

from dashboard.access import ask_name
from dashboard.address import remember, start
from dashboard.frame import View, doing, page, titled
from dashboard.review import Queue, answer, can_undo, queue, undo
from dashboard.sure import role_help
from dashboard.told import told
from dashboard.viewer import viewer
from technopro.registry import AuditPart

HIGH = "max(18rem, 100vh - 25rem)"  # with what stands above it, as high as the window
LANES = ("review", "audit", "unstable")
ANSWERS = {"ok": "O", "defect": "X", "skip": "S"}  # label: key


def show(view: View) -> None:
    """Draw the page: choices, the part, the answers, and what all answers tell."""
    say, night = view.say, titled(view, "review_title")
    if night is None:
        return
    left, middle, right = st.columns([3, 2, 2], vertical_alignment="bottom")
    with left:
        lane = str(
            st.segmented_control(
                say("lane"), LANES, default=start("lane", LANES, LANES[0]), key="lane",
                format_func=lambda name: say(f"lane_{name}"), required=True, on_change=remember,
                args=("lane", LANES[0]), persist_state="session",
            )
        )  # fmt: skip
    with middle:
        second = st.toggle(say("second"), key="second", help=say("second_help"))
    with right:
        ask_name(say)
    st.caption(say(f"lane_{lane}_how"))
    found = queue(view, night.run_id, lane, second)
    _progress(view, found)
    if found.waiting:
        _part(view, night.run_id, found.waiting[0], lane)
    else:
        st.success(say("review_done"))
        _undo(view)
    told(view, night.run_id)


def _progress(view: View, found: Queue) -> None:
    done = sum(part.sha256 in found.judged for part in found.parts)
    total = len(found.parts)
    text = view.say("review_progress", done=view.say.number(done), total=view.say.number(total))
    st.progress(done / total if total else 1.0, text)


def _part(view: View, run_id: str, part: AuditPart, lane: str) -> None:
    left, right = st.columns([4, 1], vertical_alignment="top")
    with left:
        alt = view.say("review_alt", path=part.path, pattern=part.pattern)
        viewer(view, part.sha256, alt, height=HIGH, key="review-picture")
    with right:
        told = f'{escape(view.say("score"))} <span class="tp-score">{part.score:.2f}</span><br>'
        st.html(
            f'<div class="tp-card">{"" if lane == "audit" else told}{escape(part.pattern)}<br>'
            f'<span class="tp-path">{escape(part.path)}</span></div>'
        )
        for label, key in ANSWERS.items():
            st.button(
                view.say(f"say_{label}"), key=f"say-{label}", shortcut=key, width="stretch",
                type="primary" if label != "skip" else "secondary", on_click=doing,
                disabled=not view.user.may("reviewer"), help=role_help(view, "reviewer"),
                args=(partial(answer, view, run_id, part, lane, label),),
            )  # fmt: skip
        _undo(view)


def _undo(view: View) -> None:
    st.button(
        view.say("say_undo"), key="say-undo", shortcut="Z", width="stretch",
        disabled=not can_undo(), on_click=doing, args=(partial(undo, view),),
    )  # fmt: skip


page(show)
