"""What is to be done after a night, the most urgent first, each with the way there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

import streamlit as st

from dashboard.frame import View, literally
from dashboard.patterns import NEW
from dashboard.tonight import PatternTonight, State, Tonight, told_apart

NAMED = 3  # patterns of one kind that have a line of their own


@dataclass(frozen=True)
class Step:
    """One thing to do: the key of its words, whom it is about, and the page where it is done."""

    key: str
    subject: str
    page: str | None = None  # None: on this page
    query: Mapping[str, str] = field(default_factory=dict)


def steps(tonight: Tonight, state: State) -> list[Step]:
    """Return what is to be done; nothing while the night goes on or where all is as usual."""
    if state.mark == "running":
        return []
    found = (
        _stopped(state),
        _overdue(state),
        _alerts(tonight, urgent=True),
        _defects(tonight),
        _patterns(tonight),
        _review(tonight),
        _new(tonight),
        _alerts(tonight, urgent=False),
        _unusable(tonight),
        _unnamed(tonight),
    )
    return list(chain.from_iterable(found))


def next_steps(view: View, tonight: Tonight, state: State) -> None:
    """Show the steps as a numbered list of links."""
    say, found = view.say, steps(tonight, state)
    st.subheader(say("next_title"), anchor=False)
    if not found:
        why = "next_wait" if state.mark == "running" else "next_nothing"
        st.write(say(why))
        return
    own = {} if tonight.newest else {"run": tonight.night.run_id}
    with st.container(key="tp-next", gap="small"):
        for number, step in enumerate(found, 1):
            words = f"{number}. {say(step.key, subject=step.subject)}"
            if step.page is None:
                st.write(literally(words))
            else:
                st.page_link(f"app_pages/{step.page}.py", label=literally(words),
                             icon="➡️", icon_position="right",
                             query_params={**own, **step.query})  # fmt: skip


def _stopped(state: State) -> Iterator[Step]:
    if state.mark == "unfinished":
        yield Step("next_unfinished", "", "runs")


def _overdue(state: State) -> Iterator[Step]:
    if "overdue" in dict(state.reasons):
        yield Step("next_overdue", "", "runs")


def _defects(tonight: Tonight) -> Iterator[Step]:
    if tonight.flagged:
        yield Step("next_defects", str(tonight.flagged), "samples", {"decision": "defect"})


def _patterns(tonight: Tonight) -> Iterator[Step]:
    loud, silent = ([p for p in tonight.patterns if p.change == c] for c in ("above", "silent"))
    weak = [p for p in tonight.patterns if told_apart(p.night) == "weak" and p not in loud]
    kinds = (("above", loud, "worst"), ("silent", silent, "random"), ("weak", weak, "random"))
    for kind, found, order in kinds:
        for pattern in found[:NAMED]:
            yield _look(f"next_{kind}", pattern, order)
        if len(found) > NAMED:
            yield Step(f"next_{kind}_more", str(len(found) - NAMED), "samples", {"order": order})


def _look(key: str, pattern: PatternTonight, order: str) -> Step:
    query = {"pattern": pattern.night.pattern, "order": order}
    return Step(key, pattern.name, "samples", query)


def _review(tonight: Tonight) -> Iterator[Step]:
    if tonight.waiting:
        yield Step("next_review", str(tonight.waiting), "review")


def _new(tonight: Tonight) -> Iterator[Step]:
    new = [alert for alert in tonight.alerts if alert.topic.startswith(NEW)]
    for alert in new[:NAMED]:
        name = alert.pattern or alert.topic.removeprefix(NEW)
        yield Step("next_new", tonight.names.get(name, name), "patterns")
    if len(new) > NAMED:
        yield Step("next_new_more", str(len(new) - NAMED), "patterns")


def _alerts(tonight: Tonight, *, urgent: bool) -> Iterator[Step]:
    """Yield the reading of all alerts but new patterns: first where one is critical, else last."""
    others = [alert for alert in tonight.alerts if not alert.topic.startswith(NEW)]
    if others and urgent is any(alert.level == "critical" for alert in others):
        yield Step("next_alerts", str(len(others)))


def _unusable(tonight: Tonight) -> Iterator[Step]:
    if tonight.unjudged:
        yield Step("next_unusable", str(tonight.unjudged))


def _unnamed(tonight: Tonight) -> Iterator[Step]:
    """Yield the naming of all patterns while the plant is young; of later ones an alert tells."""
    unnamed = sum(p.title is None for p in tonight.patterns)
    if unnamed and tonight.young and tonight.newest:
        yield Step("next_name", str(unnamed), "patterns")
