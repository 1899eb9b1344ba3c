"""Starting a run from the dashboard: forms that can only ask for what there is."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import streamlit as st

from dashboard.frame import View
from dashboard.patterns import called
from dashboard.starting import ROLES, followed, not_started, press
from dashboard.sure import role_help
from technopro import registry

WHICH = ("changed", "new", "all")


def starters(view: View) -> None:
    """Offer the three flows that people start, and say what came of the last wish."""
    say = view.say
    st.subheader(say("start_title"), anchor=False)
    not_started(say)
    followed(view)
    tabs = st.tabs([say(f"flow_{flow}") for flow in ROLES])
    for tab, flow in zip(tabs, ROLES, strict=True):
        with tab:
            st.write(say(f"flow_{flow}_how"))
            press(view, flow, _parameters(view, flow))
    if page := prefect_page(os.environ):
        st.caption(say("prefect_page"))
        st.code(page, language=None)


def _parameters(view: View, flow: str) -> list[str]:
    """Show a flow's choices and return them as `name=value`."""
    if flow == "nightly":
        return everything(
            st.toggle(
                view.say("everything"),
                key="start-everything",
                disabled=not view.user.may("engineer"),
                help=role_help(view, "engineer"),
            )
        )
    return _retrain(view) if flow == "retrain" else []


def everything(wanted: bool) -> list[str]:
    """Return the parameters of a night."""
    return ["everything=true"] if wanted else []


def _retrain(view: View) -> list[str]:
    say = view.say
    with view.session() as session:
        known = registry.patterns(session)
    alive = {row.name: called(row.name, row.title) for row in known.values() if row.living}
    which = st.segmented_control(
        say("which"), WHICH, default=WHICH[0], key="start-which", required=True,
        format_func=lambda name: say(f"which_{name}"),
    )  # fmt: skip
    chosen = st.multiselect(
        say("which_patterns"), list(alive), key="start-patterns", placeholder=say("all_patterns"),
        format_func=alive.__getitem__,
    )  # fmt: skip
    return retraining(which or WHICH[0], [name for name in chosen if name in alive])


def retraining(which: str, patterns: Sequence[str]) -> list[str]:
    """Return the parameters of a retrain as `name=value`, values as JSON."""
    given = [f"which={json.dumps(which)}"]
    return [*given, f"patterns={json.dumps(list(patterns))}"] if patterns else given


def prefect_page(environment: Mapping[str, str]) -> str | None:
    """Return the address of Prefect's own page, without names and passwords; None if not known."""
    told = environment.get("PREFECT_UI_URL") or environment.get("PREFECT_API_URL") or ""
    parts = urlsplit(told)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path.rstrip('/').removesuffix('/api')}"
