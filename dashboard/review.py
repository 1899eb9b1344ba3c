"""Looking at parts one by one: which one is next, what was said, and taking it back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import streamlit as st
from sqlalchemy.orm import Session

from dashboard.frame import View
from technopro import registry
from technopro.registry import AuditPart, VerdictRow

DRAWN = 20  # parts of each decision in the audit lane
MOST = 500  # parts in another lane
SAID = "review-said"  # in the session: what this person did, to be taken back


@dataclass(frozen=True)
class Said:
    """One answer of this session."""

    run_id: str
    sha256: str
    label: str  # ok, defect, or skip


@dataclass(frozen=True)
class Queue:
    """A lane of one night as one person has it before them."""

    parts: Sequence[AuditPart]
    judged: Collection[str]  # by anybody
    waiting: Sequence[AuditPart]  # for this person, the next first


def queue(view: View, run_id: str, lane: str, second: bool) -> Queue:
    """Return what waits in a lane; with `second`, only what others alone have judged."""
    count = DRAWN if lane == "audit" else MOST
    with view.session() as session:
        parts = registry.lane_parts(session, run_id, lane, count)
        rows = registry.verdicts(session, [run_id])
    return queue_of(parts, rows, view.user.actor, skipped(run_id), second)


def queue_of(
    parts: Sequence[AuditPart],
    rows: Sequence[VerdictRow],
    actor: str,
    skipped: Collection[str],
    second: bool,
) -> Queue:
    """Sort a lane's parts; what was skipped comes last."""
    judged = {row.sha256 for row in rows}
    own = {row.sha256 for row in rows if row.actor == actor}
    left = [p for p in parts if p.sha256 not in own and (p.sha256 in judged) == second]
    left.sort(key=lambda part: part.sha256 in skipped)
    return Queue(parts, judged, left)


def skipped(run_id: str) -> set[str]:
    """Return what this person put off in this session."""
    return {one.sha256 for one in _said() if one.run_id == run_id and one.label == "skip"}


def answer(view: View, run_id: str, part: AuditPart, lane: str, label: str) -> str | None:
    """Record an answer; returns what to say where somebody else has judged the part too."""
    opinions: list[VerdictRow] = []
    if label != "skip":

        def act(session: Session, actor: str) -> None:
            registry.give_verdict(session, run_id, part.sha256, actor=actor, label=label, lane=lane)
            opinions.extend(registry.verdicts(session, [run_id], sha256=part.sha256))

        view.change("reviewer", act)
    st.session_state[SAID] = [*_said(), Said(run_id, part.sha256, label)]
    return view.say("also_judged", path=part.path) if len(opinions) > 1 else None


def undo(view: View) -> None:
    """Take back the last answer of this session, if there is one."""
    said = _said()
    if not said:
        return
    last = said[-1]
    if last.label != "skip":
        view.change(
            "reviewer",
            lambda session, actor: registry.give_verdict(
                session, last.run_id, last.sha256, actor=actor, label="withdrawn", lane="other"
            ),
        )
    st.session_state[SAID] = said[:-1]


def can_undo() -> bool:
    return bool(_said())


def _said() -> list[Said]:
    return list(st.session_state.get(SAID, ()))
