"""Runs as the dashboard sees them: at work or silent, how long, how long usually."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Literal

from sqlalchemy.orm import Session

from dashboard.translations import Language
from technopro import registry
from technopro.registry import RunRow
from technopro.running import DEAD

KINDS = ("ingest", "retrain", "score", "maintain")
INSPECTION = ("ingest", "retrain", "score")  # upkeep inspects nothing
STATES = ("running", "completed", "failed")
LIKE = 10  # completed runs of a kind that tell how long it usually takes

Shown = Literal["running", "silent", "completed", "failed"]


@dataclass(frozen=True)
class Going:
    """A run that goes on, beside what is usual."""

    run: RunRow
    elapsed_s: float
    usual_s: float | None  # median of the last completed runs of its kind
    silent_s: float  # since the last sign of life
    shown: Shown

    @property
    def share(self) -> float | None:
        """How far it is by the clock, 0 to 1; None where nothing is known or it takes longer."""
        if not self.usual_s or self.elapsed_s > self.usual_s:
            return None
        return max(0.0, self.elapsed_s / self.usual_s)  # another machine's clock may be ahead


def now() -> datetime:
    return datetime.now(UTC)


def newest_inspection(session: Session) -> RunRow | None:
    """Return the newest run that takes in, learns or scores; None if there was none."""
    newest = [run for kind in INSPECTION
              for run in registry.recent_runs(session, kind=kind, limit=1)]  # fmt: skip
    return max(newest, key=lambda run: run.started_at, default=None)


def at_work(run: RunRow, moment: datetime) -> bool:
    """Return whether a run called running has given a sign of life of late."""
    return run.state == "running" and moment - (run.alive_at or run.started_at) <= DEAD


def shown_state(run: RunRow, moment: datetime) -> Shown:
    """Return the run's state, `silent` for one that goes on without a sign of life."""
    if run.state == "running":
        return "running" if at_work(run, moment) else "silent"
    return "failed" if run.state == "failed" else "completed"


def going(session: Session, moment: datetime) -> list[Going]:
    """Return what is called running, newest first."""
    runs = registry.recent_runs(session, state="running", limit=50)
    usual = {kind: usual_s(registry.recent_runs(session, kind=kind, state="completed", limit=LIKE))
             for kind in {run.kind for run in runs}}  # fmt: skip
    return [
        Going(
            run,
            (moment - run.started_at).total_seconds(),
            usual[run.kind],
            (moment - (run.alive_at or run.started_at)).total_seconds(),
            shown_state(run, moment),
        )
        for run in runs
    ]


def duration_s(run: RunRow) -> float | None:
    """Return how long a run took; None while it goes on."""
    if run.finished_at is None:
        return None
    return max(0.0, (run.finished_at - run.started_at).total_seconds())


def usual_s(runs: Sequence[RunRow]) -> float | None:
    """Return the median duration; None without any that ended."""
    taken = [s for run in runs if (s := duration_s(run)) is not None]
    return median(taken) if taken else None


def stages_s(run: RunRow) -> dict[str, float]:
    """Return the seconds of each stage, in the order in which they were first reached."""
    seconds = run.figures.get("seconds")
    if not isinstance(seconds, Mapping):
        return {}
    return {str(name): float(value) for name, value in seconds.items()}


def span(seconds: float, say: Language) -> str:
    """Return a time span in words: "34 s", "12 min", "2 h 05 min"."""
    if seconds < 0.95:
        return say("span_s", s=f"{max(0.0, seconds):.1f}")
    if seconds < 90:
        return say("span_s", s=f"{seconds:.0f}")
    minutes = round(seconds / 60)
    if minutes < 120:
        return say("span_min", min=str(minutes))
    return say("span_h", h=str(minutes // 60), min=f"{minutes % 60:02}")
