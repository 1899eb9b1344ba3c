"""What people said of images: opinions, and the one label that an estimate needs.

A verdict is a row of its own and is never changed: it is its own history, and needs no note in the
audit log. The latest of a person on an image of a run replaces that person's earlier ones, and a
`withdrawn` one leaves none. Two people on one image are two opinions. Where an estimate needs one
label, it is the latest by anyone, since the later person may have seen the earlier opinion;
`settled` says where people disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast, get_args

from sqlalchemy import Exists, Select, exists, func, select
from sqlalchemy.orm import Session, aliased

from technopro import results
from technopro.errors import InputError, RegistryError
from technopro.registry.lane import DRAWN, drawn, path_in_night
from technopro.registry.tables import Prediction, Run, Verdict

Label = Literal["ok", "defect", "withdrawn"]
Lane = Literal["audit", "review", "unstable", "other"]


@dataclass(frozen=True)
class VerdictRow:
    """What one person says of one image of a run, and the decision it speaks of."""

    run_id: str
    sha256: str
    path: str  # in the batch that the run scored
    pattern: str
    score: float
    decision: results.Decision
    at: datetime
    actor: str
    label: Label
    lane: Lane
    reason: str | None
    drawn: bool  # somebody met the image in the audit lane: it is part of the random sample


@dataclass(frozen=True)
class Settled:
    """One label for one image of a run."""

    label: Label
    opinions: int
    disputed: bool  # some people say ok, others defect


def give_verdict(
    session: Session,
    run_id: str,
    sha256: str,
    *,
    actor: str,
    label: str,
    lane: str,
    reason: str | None = None,
) -> None:
    """Record what a person says of an image that a run scored.

    Raises InputError for an unknown label or lane and for an image in lane `audit` that was not
    drawn (chosen parts would bias the rate); RegistryError where the run did not score the image,
    or there is no verdict to withdraw.
    """
    _expect("label", label, get_args(Label))
    _expect("lane", lane, get_args(Lane))
    if session.get(Prediction, (run_id, sha256)) is None:
        raise RegistryError(f"expected image {sha256[:12]} among those of run {run_id}, found none")
    if label == "withdrawn":
        _expect_opinion(session, run_id, sha256, actor)
    elif lane == "audit" and sha256 not in drawn(session, run_id, DRAWN):
        raise InputError(
            f"image {sha256[:12]} was not drawn for the audit lane of run {run_id}; say it in "
            "lane other, so that the estimated rate rests on chance alone"
        )
    said = (reason or "").strip() or None
    row = Verdict(run_id=run_id, sha256=sha256, actor=actor, label=label, lane=lane, reason=said)
    session.add(row)
    session.flush()


def verdicts(
    session: Session,
    run_ids: Sequence[str] | None = None,
    *,
    sha256: str | None = None,
    actor: str | None = None,
    lane: str | None = None,
    limit: int | None = None,
) -> list[VerdictRow]:
    """Return what people say now, newest first: of some runs, one image, one person or all.

    With `lane`, those whose latest verdict was given in it.
    """
    latest = select(func.max(Verdict.id)).group_by(Verdict.run_id, Verdict.sha256, Verdict.actor)
    if run_ids is not None:
        latest = latest.where(Verdict.run_id.in_(run_ids))
    if sha256 is not None:
        latest = latest.where(Verdict.sha256 == sha256)
    if actor is not None:
        latest = latest.where(Verdict.actor == actor)
    wanted = _with_decision().where(Verdict.id.in_(latest), Verdict.label != "withdrawn")
    if lane is not None:
        wanted = wanted.where(Verdict.lane == lane)
    rows = session.execute(wanted.order_by(Verdict.id.desc()).limit(limit))
    return [_row(v, p, path, met) for v, p, path, met in rows]


def settled(rows: Iterable[VerdictRow]) -> dict[tuple[str, str], Settled]:
    """Return the label of each (run, image): the latest by anyone; `rows` come newest first."""
    said: dict[tuple[str, str], list[Label]] = {}
    for row in rows:
        said.setdefault((row.run_id, row.sha256), []).append(row.label)
    return {key: Settled(own[0], len(own), len(set(own)) > 1) for key, own in said.items()}


def newest_run(session: Session, sha256: str) -> str:
    """Return the newest run that scored an image; raises RegistryError where there is none."""
    run_id = session.scalar(
        select(Run.id)
        .join(Prediction, Prediction.run_id == Run.id)
        .where(Prediction.sha256 == sha256)
        .order_by(Run.started_at.desc(), Run.id)
        .limit(1)
    )
    if run_id is None:
        raise RegistryError(f"expected a run that scored image {sha256[:12]}, found none")
    return run_id


def _with_decision() -> Select[tuple[Verdict, Prediction, str, bool]]:
    same = (Prediction.run_id == Verdict.run_id) & (Prediction.sha256 == Verdict.sha256)
    return select(Verdict, Prediction, path_in_night(), _met_in_audit()).join(Prediction, same)


def _met_in_audit() -> Exists:
    other = aliased(Verdict)
    same = (other.run_id == Verdict.run_id) & (other.sha256 == Verdict.sha256)
    return exists().where(same, other.lane == "audit", other.label != "withdrawn")


def _expect(what: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise InputError(f"expected a {what} among {', '.join(known)}, found {value!r}")


def _expect_opinion(session: Session, run_id: str, sha256: str, actor: str) -> None:
    if not verdicts(session, [run_id], sha256=sha256, actor=actor):
        raise RegistryError(f"{actor} has said nothing of image {sha256[:12]} to withdraw")


def _row(v: Verdict, p: Prediction, path: str, met: bool) -> VerdictRow:
    return VerdictRow(
        v.run_id,
        v.sha256,
        path,
        p.pattern,
        p.score,
        results.Decision(p.decision),
        v.at,
        v.actor,
        cast(Label, v.label),
        cast(Lane, v.lane),
        v.reason,
        met,
    )
