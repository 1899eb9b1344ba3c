"""Samples: the images of a night, as cards, in families, and one of them large."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.address import remember, start
from dashboard.controls import ALL, choose_pattern, heat_strength
from dashboard.frame import View, page, titled
from dashboard.samples import (
    Sheet,
    go_to,
    large,
    listing,
    patterns_of,
    sheet,
    titles,
    total_of,
    unsure,
)
from dashboard.samples_cards import Look, cards, family_rows
from dashboard.samples_large import large_view
from technopro.registry.gallery import ORDERS, Wanted
from technopro.results import Decision

FAMILIES = "families"
SHOWS = (*ORDERS, FAMILIES)
FINDS = (Decision.DEFECT.value, Decision.REVIEW.value)


def show(view: View) -> None:
    """Draw the page: choices, and either one image, or families, or a page of cards."""
    night = titled(view, "samples_title")
    if night is None:
        return
    shown = _choose_order(view)
    look_titles = titles(view)
    patterns = patterns_of(view, night.run_id)
    names = [one.pattern for one in patterns]
    wanted, opacity = _choices(view, night.run_id, shown, look_titles, names)
    look = Look(view, look_titles, opacity, unsure(patterns))
    with view.session() as session:
        one = large(session, wanted, st.query_params.get("image", ""))
    if one is not None:
        large_view(look, one)
    elif shown == FAMILIES:
        family_rows(look, wanted)
    else:
        _sheet(look, wanted, shown)


def _sheet(look: Look, wanted: Wanted, shown: str) -> None:
    view, say = look.view, look.view.say
    after, before = (st.query_params.get(name, "") for name in ("after", "before"))
    with view.session() as session:
        listed = sheet(session, wanted, total_of(view, wanted), after, before)
    if not listed.rows:
        st.info(say("samples_nothing"))
        return
    st.caption(" ".join((say(f"samples_{shown}_how"), say("samples_heat_may_lie"))))
    cards(look, listed.rows)
    _turn(look, listed)


def _choose_order(view: View) -> str:
    say = view.say
    chosen = st.segmented_control(
        say("samples_order"), SHOWS, default=start("order", SHOWS, SHOWS[0]), key="order",
        format_func=lambda name: say(f"samples_{name}"), required=True, on_change=_chosen,
        args=("order", SHOWS[0]), label_visibility="collapsed",
    )  # fmt: skip
    return str(chosen or SHOWS[0])


def _choices(
    view: View, run_id: str, shown: str, called: dict[str, str], names: Sequence[str]
) -> tuple[Wanted, float]:
    """Return which images, and how strong the heat map is laid over them."""
    say = view.say
    columns = st.columns([4, 4, 3, 4], vertical_alignment="bottom")
    pattern = choose_pattern(columns[0], names, called, say, then=go_to)
    decisions = [ALL, *(FINDS if shown == FAMILIES else (one.value for one in Decision))]
    decision = columns[1].selectbox(
        say("samples_decision"), decisions, decisions.index(start("decision", decisions, ALL)),
        format_func=lambda name: say(f"decision_{name}") if name else say("samples_any_decision"),
        key=f"decision-{shown == FAMILIES}", on_change=_chosen_decision, args=(shown,),
    )  # fmt: skip
    opacity = heat_strength(columns[2], columns[3], say)
    every = FINDS if shown == FAMILIES else ()
    order = "worst" if shown == FAMILIES else shown
    only = (str(decision),) if decision else every
    return Wanted(run_id, order, pattern, only), opacity


def _chosen(key: str, default: str) -> None:
    """Remember a choice; another list begins at its first page."""
    remember(key, default)
    go_to()


def _chosen_decision(shown: str) -> None:
    chosen = st.session_state[f"decision-{shown == FAMILIES}"]
    go_to()
    if chosen == ALL:
        st.query_params.pop("decision", None)
    else:
        st.query_params["decision"] = chosen


def _turn(look: Look, listed: Sheet) -> None:
    """Show where one is in the list, the pages beside it, and the page as a file."""
    say, rows = look.view.say, listed.rows
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(say("samples_page_before"), key="page-before", disabled=listed.first == 0,
                  on_click=go_to, args=("before", rows[0].sha256), shortcut="P")  # fmt: skip
        st.button(say("samples_page_after"), key="page-after", shortcut="N",
                  disabled=listed.last >= listed.total, on_click=go_to,
                  args=("after", rows[-1].sha256))  # fmt: skip
        st.text(say("samples_place", first=say.number(listed.first + 1),
                    last=say.number(listed.last), total=say.number(listed.total)),
                width="content")  # fmt: skip
        st.download_button(say("samples_csv"), listing(rows, look.unsure), "images.csv", "text/csv",
                           key="samples-csv", on_click="ignore")  # fmt: skip


page(show)
