"""All that is known of one night, gathered for the printed page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd
from sqlalchemy import case, select
from sqlalchemy.orm import Session

from technopro import registry
from technopro.decision.corrected import Corrected
from technopro.errors import RegistryError
from technopro.registry.rates import combined
from technopro.registry.sample import Sampled, corrected_by, sampled
from technopro.registry.tables import Batch, DefectRate, DriftFigure, Pattern, Run
from technopro.results import Decision, Estimate, Fault, PatternNight, Quarantined

SHOWN = 4  # worst images of a pattern


@dataclass(frozen=True)
class Drift:
    """How one thing differs from the reference nights, in words."""

    pattern: str | None
    level: str  # watch or drifted
    words: str


@dataclass(frozen=True)
class PatternFacts:
    """One pattern in the night."""

    night: PatternNight
    title: str | None  # as QA call it
    to_review: int
    reign: registry.DeploymentRow | None  # over the pattern, when the night was judged
    corrected: Corrected | None
    worst: Sequence[registry.Sample]

    @property
    def judged_by_champion(self) -> bool:
        return self.reign is not None and self.reign.version == self.night.model_version


@dataclass(frozen=True)
class NightFacts:
    """The night."""

    run_id: str
    state: str  # running, completed or failed
    source: str
    line: str | None
    judged_at: datetime  # UTC
    scores: pd.DataFrame  # one row an image: sha256, pattern, score, decision, fault
    patterns: Sequence[PatternFacts]  # of the largest share first
    share: Estimate | None  # where good and bad can be told apart; None: nowhere
    corrected: Corrected | None
    alerts: Sequence[registry.AlertRow]
    drift: Sequence[Drift]
    steady: int  # figures of drift that show none
    quarantined: Sequence[Quarantined]

    @property
    def flagged(self) -> int:
        return sum(p.night.flagged for p in self.patterns)

    @property
    def to_review(self) -> int:
        return sum(p.to_review for p in self.patterns)

    @property
    def faults(self) -> Mapping[str, int]:
        """Number of pictures that say nothing of their part, or nothing new, by kind."""
        found = self.scores["fault"].dropna()
        return {kind: int((found == kind).sum()) for kind in Fault if (found == kind).any()}

    @property
    def unseparable(self) -> Sequence[str]:
        """Patterns in which the product calls nothing a defect tonight."""
        return [p.title or p.night.pattern for p in self.patterns if not p.night.separable]


def gather(session: Session, run_id: str) -> NightFacts:
    """Return everything about the night of a run; RegistryError where it scored nothing."""
    nights = registry.night(session, run_id)
    if not nights:
        raise RegistryError(f"run {run_id} has no scores; choose one that `score` finished")
    run = session.get_one(Run, run_id)
    own = select(DefectRate.batch_id).where(DefectRate.run_id == run_id).limit(1)
    batch = session.get_one(Batch, session.scalar(own))
    scores = registry.scores(session, run_id).drop_duplicates("sha256")
    found = sampled(session, [run_id])
    moment = run.finished_at or run.started_at
    drift = _drift(session, run_id)
    return NightFacts(
        run_id,
        run.state,
        batch.source,
        batch.line,
        moment,
        scores,
        [_pattern(session, night, run_id, moment, scores, found) for night in nights],
        _share([n for n in nights if n.separable]),
        corrected_by(found),
        registry.open_alerts(session),
        [d for d in drift if d.level != "steady"],
        sum(d.level == "steady" for d in drift),
        registry.quarantined(session, batch.id),
    )


def newest_night(session: Session) -> str:
    """Return the run of the newest night; raises RegistryError where nothing was scored yet."""
    nights = registry.nights(session, 1)
    if not nights:
        raise RegistryError("no night was scored yet; run technopro inspect on a folder first")
    return nights[0].run_id


def _share(nights: Sequence[PatternNight]) -> Estimate | None:
    return (
        combined([n.defect_share for n in nights], [n.images for n in nights]) if nights else None
    )


def _pattern(
    session: Session,
    night: PatternNight,
    run_id: str,
    moment: datetime,
    scores: pd.DataFrame,
    found: Sequence[Sampled],
) -> PatternFacts:
    doubtful = scores["decision"].eq(Decision.REVIEW.value) & scores["fault"].isna()
    return PatternFacts(
        night,
        session.scalar(select(Pattern.title).where(Pattern.name == night.pattern)),
        int((doubtful & scores["pattern"].eq(night.pattern)).sum()),
        registry.champion_at(session, night.pattern, moment),
        corrected_by(s for s in found if s.pattern == night.pattern),
        registry.worst(session, run_id, night.pattern, SHOWN),
    )


def _drift(session: Session, run_id: str) -> list[Drift]:
    """Return the figures of a run, the worst first."""
    worst_first = case({"drifted": 0, "watch": 1}, value=DriftFigure.level, else_=2)
    rows = session.scalars(
        select(DriftFigure)
        .where(DriftFigure.run_id == run_id)
        .order_by(worst_first, DriftFigure.pattern, DriftFigure.id)
    )
    return [Drift(row.pattern, row.level, row.words) for row in rows]
