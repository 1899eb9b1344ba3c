"""One image large, with all that is known of it beside it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from html import escape

import streamlit as st

from dashboard.frame import View
from dashboard.pictures import heat_note
from dashboard.samples import Large, decided, file_name, look_at, score_of
from dashboard.samples_cards import Look, described
from dashboard.viewer import viewer
from technopro.explain.heat import faithfulness_of
from technopro.intake import image_key
from technopro.registry import VerdictRow

CSS = """<style>
  .tp-card.tp-facts .tp-score { font-size: 2.4rem; }
  .tp-facts p { margin: 0 0 .45rem; overflow-wrap: anywhere; }
  .tp-facts small { display: block; opacity: .75; font-size: .85rem; }
</style>"""


def large_view(look: Look, shown: Large) -> None:
    """Show an image to zoom into, the way to its neighbours, and what is known of it."""
    row, view = shown.sample, look.view
    say, title = view.say, look.titles.get(row.pattern, row.pattern)
    _ways(view, shown)
    left, right = st.columns([3, 1], gap="medium")
    with left:
        heat = view.heat(row.heat_key)
        viewer(view, row.sha256, described(look, row), heat=heat, opacity=look.opacity,
               key="samples-picture")  # fmt: skip
        st.caption(" ".join(say(key) for key in about_heat(heat)))
    with right:
        st.html(facts(view, shown, title))
        st.download_button(
            say("samples_download"), partial(view.plant.store.get, image_key(row.sha256)),
            file_name(row.path), "application/octet-stream", key="samples-original",
            on_click="ignore", width="stretch",
        )  # fmt: skip


def about_heat(heat: bytes | None) -> list[str]:
    """Return the keys of what is to be said of a heat map: what it is, and how far to trust it."""
    if heat is None:
        return ["samples_no_heat"]
    if faithfulness_of(heat) is None:
        return ["samples_heat_may_lie"]
    return ["samples_heat_may_lie", heat_note(heat) or "heat_faithful"]


def facts(view: View, shown: Large, title: str) -> str:
    """Return all that is known of an image as HTML; names, paths and remarks are escaped."""
    say, row, known = view.say, shown.sample, shown.known
    decision = decided(row.decision, known.separable)
    lines = {
        "pattern": title,
        "samples_thresholds": say("samples_thresholds_are", defect=f"{known.threshold:.3f}",
                                  review=f"{known.review_threshold:.3f}"),
        "samples_version": known.version,
        "samples_captured": view.when(known.captured_at) if known.captured_at else "",
        "samples_seen": view.when(known.first_seen_at),
        "samples_line": known.line or "",
        "samples_fault": "" if row.fault is None else say(f"samples_fault_{row.fault}"),
        "samples_like": (row.like or "")[:12],
        "samples_format": f"{known.format} · {known.width} × {known.height}",
        "file": row.path,
        "samples_sha": row.sha256[:16],
    }  # fmt: skip
    rows = "".join(
        f"<p><small>{escape(say(key))}</small>{escape(text)}</p>"
        for key, text in lines.items()
        if text
    )
    return (
        f'{CSS}<div class="tp-card tp-facts"><span class="tp-score">{score_of(row)}</span>'
        f'<span class="tp-chip tp-{decision}">{escape(say(f"decision_{decision}"))}</span>'
        f"{rows}{_said(view, shown.verdicts)}</div>"
    )


def _said(view: View, verdicts: Sequence[VerdictRow]) -> str:
    say = view.say
    head = f"<b>{escape(say('samples_verdicts'))}</b><br>"
    if not verdicts:
        return head + escape(say("samples_no_verdict"))
    lines = []
    for one in verdicts:
        reason = f" — {one.reason}" if one.reason else ""
        label = say(f"decision_{one.label}")
        lines.append(f"{label} · {one.actor} · {view.when(one.at)}{reason}")
    return head + "<br>".join(map(escape, lines))


def _ways(view: View, shown: Large) -> None:
    """Show the buttons back to the list and to the neighbours; keys do the same."""
    say = view.say
    with st.container(horizontal=True):
        st.button(say("samples_back"), key="samples-back", shortcut="L", on_click=look_at,
                  args=(None,))  # fmt: skip
        ways = (("samples_previous", "P", shown.previous), ("samples_next", "N", shown.following))
        for key, letter, sha256 in ways:
            st.button(say(key), key=key.replace("_", "-"), shortcut=letter, on_click=look_at,
                      args=(sha256,), disabled=sha256 is None)  # fmt: skip
