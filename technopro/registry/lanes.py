"""What people are asked to look at, lane by lane, and how far two opinions agree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from technopro import results
from technopro.errors import InputError
from technopro.registry.lane import AuditPart, audit_lane, path_in_night
from technopro.registry.tables import Prediction, PseudoLabel
from technopro.registry.verdicts import VerdictRow

ASKED = ("audit", "review", "unstable")


def lane_parts(session: Session, run_id: str, lane: str, count: int) -> list[AuditPart]:
    """Return the parts of a night that a lane asks about, in its order.

    `audit` draws `count` of every decision at random; `review` is the band in which a person
    decides, highest score first; `unstable` are the images that the champion was least sure of
    while it learned. Raises InputError for another lane.
    """
    if lane == "audit":
        return audit_lane(session, run_id, count)
    if lane not in ASKED:
        raise InputError(f"expected a lane among {', '.join(ASKED)}, found {lane!r}")
    wanted = select(Prediction, path_in_night()).where(
        Prediction.run_id == run_id, Prediction.fault.is_(None)
    )
    if lane == "review":
        wanted = wanted.where(Prediction.decision == results.Decision.REVIEW.value)
        wanted = wanted.order_by(Prediction.score.desc(), Prediction.sha256)
    else:
        wanted = _by_instability(wanted)
    return [
        AuditPart(p.sha256, path, p.pattern, p.score, results.Decision(p.decision), p.heat_key)
        for p, path in session.execute(wanted.limit(count))
    ]


def _by_instability(
    wanted: Select[tuple[Prediction, str]],
) -> Select[tuple[Prediction, str]]:
    same = (PseudoLabel.model_id == Prediction.model_id) & (PseudoLabel.sha256 == Prediction.sha256)
    unsure = wanted.join(PseudoLabel, same).where(PseudoLabel.instability > 0)
    return unsure.order_by(PseudoLabel.instability.desc(), Prediction.sha256)


@dataclass(frozen=True)
class Agreement:
    """How far first and second opinions on the same images agree."""

    images: int  # with two opinions or more
    same: int
    kappa: float | None  # Cohen's; None where it is not defined


def agreement(rows: Iterable[VerdictRow]) -> Agreement:
    """Compare the first two opinions on every image that has two; `rows` come newest first.

    Kappa is agreement beyond chance, 1 for full and 0 for none (Cohen 1960, Educ. Psychol. Meas.
    20, 37). It is not defined where everybody says the same of all images.
    """
    from sklearn.metrics import cohen_kappa_score

    said: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        said.setdefault((row.run_id, row.sha256), []).append(row.label)
    pairs = [(own[-1], own[-2]) for own in said.values() if len(own) > 1]
    same = sum(first == second for first, second in pairs)
    if len({label for pair in pairs for label in pair}) < 2:
        return Agreement(len(pairs), same, None)
    first, second = zip(*pairs, strict=True)
    return Agreement(len(pairs), same, float(cohen_kappa_score(first, second)))
