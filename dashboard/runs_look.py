"""What runs now, live, and what has gone wrong."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from dashboard.frame import View, trouble
from dashboard.runs import Going, going, now, span
from technopro import registry
from technopro.errors import TechnoproError
from technopro.registry import AlertRow

OFTEN = "10s"  # while something runs
TROUBLES = ("flow failed: ", "run died: ")  # topics of alerts about runs
MARKS = {"running": "…", "silent": "!", "completed": "✓", "failed": "✕"}
LOOKS = {"running": "going", "silent": "review", "completed": "ok", "failed": "defect"}

CSS = """
<style>
  .rn-chip { margin: 0; white-space: nowrap; }
  .tp-table .rn-message { white-space: normal; overflow-wrap: anywhere; min-width: 16rem;
    font-size: .95rem; }
  .tp-going { background: #c3c9ce; }
  .rn-facts th { font-weight: 400; vertical-align: top; }
  .rn-going { line-height: 1.6; font-size: 1.1rem; overflow-wrap: anywhere; }
  .rn-going b { font-size: 1.4rem; margin-right: .6rem; }
  .rn-going small { font-size: .95rem; opacity: .75; }
</style>
"""


def chip(view: View, shown: str) -> str:
    """Return a run's state as a coloured chip with a mark, as HTML."""
    words = f"{MARKS[shown]} {view.say(f'state_word_{shown}')}"
    return f'<span class="tp-chip rn-chip tp-{LOOKS[shown]}">{escape(words)}</span>'


def going_on(view: View) -> None:
    """Show what runs; drawn anew every ten seconds while something does."""
    with view.session() as session:
        busy = bool(registry.recent_runs(session, state="running", limit=1))
    st.fragment(_going_on, run_every=OFTEN if busy else None)(view, busy)


def _going_on(view: View, busy: bool) -> None:
    try:
        with view.session() as session:
            found = going(session, now())
    except TechnoproError as error:  # the page itself may have been drawn long ago
        trouble(error, view.say)
        return
    if busy and not found:
        st.rerun()  # the last one has ended: the history has changed too
    st.subheader(view.say("going_title"), anchor=False)
    if not found:
        st.write(view.say("going_none"))
    for one in found:
        with st.container(border=True):
            st.html(going_words(view, one))
            if one.share is not None and one.shown == "running":
                st.progress(one.share)


def going_words(view: View, one: Going) -> str:
    """Return one run that goes on, as HTML: what, since when, how long usually, signs of life."""
    say, run = view.say, one.run
    took = say("going_for", span=span(one.elapsed_s, say), when=view.when(run.started_at))
    usual = "" if one.usual_s is None else say("going_usual", span=span(one.usual_s, say))
    life = say(f"life_{one.shown}", span=span(one.silent_s, say))
    host, process = run.environment.get("host"), run.environment.get("process")
    where = say("going_where", host=host, process=process) if host else ""
    rest = " · ".join(words for words in (usual, life, where) if words)
    return (
        f'<div class="rn-going"><b>{escape(say(f"kind_{run.kind}"))}</b>{chip(view, one.shown)}'
        f"<br>{escape(took)}<br><small>{escape(rest)}</small></div>"
    )


def troubles(alerts: Sequence[AlertRow]) -> list[AlertRow]:
    """Return the alerts that speak of runs."""
    return [alert for alert in alerts if alert.topic.startswith(TROUBLES)]


def gone_wrong(view: View) -> None:
    """Show what has failed and is still open, in the words of the alert."""
    with view.session() as session:
        found = troubles(registry.open_alerts(session))
    for alert in found:
        st.warning(view.say("gone_wrong", when=view.when(alert.raised_at)))
        st.text(alert.words)
