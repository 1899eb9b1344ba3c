"""What a night tells people, in plain words; each topic once while it is open."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from technopro import registry
from technopro.drift.figure import DriftFigure, Level
from technopro.registry import RunRow
from technopro.registry.alerts import LONGEST
from technopro.results import PatternNight
from technopro.sweep import Swept

REFUSED, HELD_UP, AWAY, REPEATED = (
    "new model refused", "held up", "server away", "bucket asked again",
)  # fmt: skip
MOSTLY_DEFECTIVE = "mostly defective"
PASSED = (HELD_UP, AWAY, REPEATED)  # trouble that is over


def record_and_tell(
    session: Session, run_id: str, figures: Sequence[DriftFigure], *, learning: bool = False
) -> None:
    """Record what a run found changed or unchanged, with an alert for everything that drifted.

    A run that is `learning` says nothing of unknown pictures: it learns them, see
    `tell_new_pattern`, or the scoring after it says so.
    """
    registry.record_drift(session, run_id, figures)
    for figure in figures:
        if figure.level is Level.DRIFTED and not (learning and figure.kind == "novelty"):
            topic = f"drift of {figure.kind}: {figure.pattern or 'the night'}"
            registry.raise_alert(
                session, topic, level="warning", words=figure.words, run_id=run_id,
                pattern=figure.pattern,
            )  # fmt: skip


def tell_new_pattern(session: Session, run_id: str, name: str) -> None:
    """Raise an alert for a pattern never seen before."""
    registry.raise_alert(
        session, f"new pattern: {name}", level="info",
        words=f"A new pattern has come: {name}. Name it, or merge it into another.",
        run_id=run_id, pattern=name,
    )  # fmt: skip


def tell_mostly_defective(session: Session, run_id: str, night: Sequence[PatternNight]) -> None:
    """Raise an alert for each pattern of which more than half looks defective."""
    for one in night:
        if one.mostly_defective:
            registry.raise_alert(
                session, f"{MOSTLY_DEFECTIVE}: {one.pattern}", level="warning",
                words=f"{one.defect_share.estimate:.0%} of {one.pattern} look defective. Is the "
                "lot bad, or have light, camera or product changed? Look at some of the parts; "
                "where they are sound, learn the pattern anew.",
                run_id=run_id, pattern=one.pattern,
            )  # fmt: skip


def tell_change_of_champion(session: Session, pattern: str, what: str, reason: str) -> None:
    """Raise an alert where a new model was refused, or a champion went back."""
    registry.raise_alert(
        session, f"{what}: {pattern}", level="warning",
        words=f"{pattern}: {what}, the one before judges. Reason: {reason}.", pattern=pattern,
    )  # fmt: skip


def close_refusal(session: Session, pattern: str, actor: str) -> None:
    """Close the alert of an earlier refusal: a newer model judges now."""
    _close(session, f"{REFUSED}: {pattern}", actor)


def tell_failure(session: Session, flow: str, reason: str) -> None:
    """Raise an alert for a flow that failed; it lasts until that flow succeeds."""
    registry.raise_alert(
        session, _failed(flow), level="critical",
        words=f"The {flow} flow failed. {reason} Nothing recorded before is lost; mend the cause "
        "and start it again.",
    )  # fmt: skip


def tell_delay(session: Session, flow: str, step: str, tries: int) -> None:
    """Raise an alert for a step that had to be tried again: a trouble that has passed."""
    registry.raise_alert(
        session, f"{HELD_UP}: {flow}", level="info",
        words=f"The step {step} of the {flow} flow had to be tried {tries} times: database, bucket "
        "or disk did not answer. It went on where it was; nothing is lost.",
    )  # fmt: skip


def tell_absence(session: Session, flow: str, away_s: float) -> None:
    """Raise an alert for a Prefect server that was away while a run went on."""
    registry.raise_alert(
        session, f"{AWAY}: {flow}", level="info",
        words=f"The Prefect server did not answer for {away_s:.0f} s while the {flow} flow was at "
        "work, which went on without it. Nothing is lost.",
    )  # fmt: skip


def tell_repeats(session: Session, source: str, repeats: int, files: int) -> None:
    """Raise an alert for a bucket that had to be asked again and again, and answered in the end."""
    registry.raise_alert(
        session, f"{REPEATED}: {source}"[:LONGEST], level="info",
        words=f"The bucket was throttled or broke off: for {files} files, {repeats} requests had "
        "to be made again, and were answered then.",
    )  # fmt: skip


def tell_success(session: Session, flow: str) -> None:
    """Close what an earlier failure of the flow had raised."""
    _close(session, _failed(flow), f"{flow} flow")


def _close(session: Session, topic: str, actor: str) -> None:
    """Close an alert if it is open."""
    if registry.is_open(session, topic):
        registry.close_alert(session, topic, actor=actor)


def _failed(flow: str) -> str:
    return f"flow failed: {flow}"


def tell_upkeep(
    session: Session, run_id: str, closed: Sequence[RunRow], swept: Sequence[Swept]
) -> None:
    """Raise an alert for runs that died, and for what the store has lost or nobody explains."""
    for run in closed:
        registry.raise_alert(
            session, f"run died: {run.kind}", level="warning",
            words=f"The {run.kind} run {run.id} died. {run.message}.", run_id=run.id,
        )  # fmt: skip
    for one in swept:
        if one.critical:
            first = one.critical[0]
            registry.raise_alert(
                session, f"missing or damaged: {one.kind}", level="critical",
                words=f"{len(one.critical)} needed objects are missing or damaged, first the "
                f"{first.what}. `technopro maintain` lists them and says what to do.",
                run_id=run_id,
            )  # fmt: skip
        if one.unexplained:
            registry.raise_alert(
                session, f"unexplained: {one.kind}", level="warning",
                words=f"{len(one.unexplained)} objects belong to no row and no run of this "
                f"database, first {one.unexplained[0]}. Is it the right database and store?",
                run_id=run_id,
            )  # fmt: skip
