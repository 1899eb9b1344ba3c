"""What the morning page says of a night: was it fine, what is unusual, what waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Literal

from sqlalchemy.orm import Session

from dashboard.runs import at_work, newest_inspection
from technopro import registry
from technopro.drift.figure import DriftFigure, Level, compared
from technopro.registry import AlertRow, DeploymentRow, NightRow, PatternRow, RunRow, ThresholdRow
from technopro.registry.review_waiting import review_waiting
from technopro.registry.unusable import faulty_pictures
from technopro.results import FEWEST_OF_A_SHARE, Fault, PatternNight, Quarantined

HISTORY = 14  # nights that tell what is usual
FEWEST = 3  # of them, or nothing is called usual
LOOKED_BACK = 90  # nights read, so that an older night has its history too

DAILY = timedelta(hours=36)  # a night every day, whether early or late
WEAK = 0.8  # ROC-AUC
Change = Literal["above", "below", "usual", "unknown", "silent"]
Mark = Literal["fine", "look", "running", "unfinished"]
Reason = tuple[str, tuple[str, ...]]  # what, and which patterns it is about


def told_apart(night: PatternNight) -> Literal["yes", "weak", "no"]:
    """How well good and bad parts of a pattern are told from each other, by its own estimate.

    Below an ROC-AUC of 0.8 a model discriminates at best acceptably (Hosmer, Lemeshow and
    Sturdivant 2013, Applied Logistic Regression, section 5.2.4).
    """
    if not night.separable:
        return "no"
    return "weak" if night.quality.estimate < WEAK else "yes"


@dataclass(frozen=True)
class PatternTonight:
    """One pattern in the night, beside its own nights before."""

    night: PatternNight
    title: str | None  # given by QA
    past: tuple[float, ...]  # shares (0 to 1) of up to 14 nights before, oldest first
    reign: DeploymentRow | None  # of the champion when the night was judged

    @property
    def name(self) -> str:
        return self.title or self.night.pattern

    @property
    def usual(self) -> float | None:
        """The median share of its nights before; None where they are too few."""
        return median(self.past) if len(self.past) >= FEWEST else None

    @property
    def change(self) -> Change:
        """How the interval of tonight's share lies to what is usual; more than half never is."""
        share, usual = self.night.defect_share, self.usual
        if not self.night.separable:
            return "silent"
        if self.night.mostly_defective:
            return "above"
        if usual is None:
            return "unknown"
        if share.low > usual:
            return "above"
        return "below" if share.high < usual else "usual"


@dataclass(frozen=True)
class Tonight:
    """All that the page shows of a night, but for pictures and scores."""

    night: NightRow
    newest: bool  # no night is younger
    patterns: Sequence[PatternTonight]
    alerts: Sequence[AlertRow]  # open now; empty for older nights
    drift: Sequence[DriftFigure]  # to watch or drifted, the worst first
    champions: Sequence[DeploymentRow]  # new since the night before
    thresholds: Sequence[ThresholdRow]  # changed since the night before
    waiting: int  # parts of the review band that nobody has judged
    quarantined: Sequence[Quarantined]
    faulty: Sequence[tuple[str, Fault]]  # pictures that say nothing about their part: path, why
    latest: RunRow | None  # the newest run of any stage of inspection
    before: datetime | None = None  # when the night before was judged
    compared: bool = True  # with nights before
    pause: timedelta = DAILY  # that nights of late have kept, but for one holiday

    @property
    def names(self) -> dict[str, str]:
        """What people call the patterns of the night."""
        return {p.night.pattern: p.name for p in self.patterns}

    @property
    def young(self) -> bool:
        """Whether it is not known of any pattern what is usual."""
        return all(p.usual is None for p in self.patterns)

    @property
    def flagged(self) -> int:
        return sum(p.night.flagged for p in self.patterns)

    @property
    def unjudged(self) -> int:
        """Files that could not be read, and pictures that say nothing about their part."""
        return len(self.quarantined) + len(self.faulty)


@dataclass(frozen=True)
class State:
    """The answer of the page, and why."""

    mark: Mark
    reasons: tuple[Reason, ...] = ()


def state_of(tonight: Tonight, moment: datetime) -> State:
    """Say whether a night was fine at `moment`.

    A run that failed or fell silent comes before everything: what is shown is not the newest. Then
    no inspection for longer than nights of late have paused, patterns above their usual share,
    patterns that cannot be separated, and open alerts above `info`; and a plant too young to know
    of any pattern what is usual. Parts that wait for review are everyday work and change nothing.
    """
    run = tonight.latest if tonight.newest else None
    silent = run is not None and run.state == "running" and not at_work(run, moment)
    if tonight.night.state == "failed" or silent or (run is not None and run.state == "failed"):
        return State("unfinished")
    if tonight.night.state == "running" or (run is not None and run.state == "running"):
        return State("running")
    named = {change: _names(tonight.patterns, change) for change in ("above", "silent")}
    late = tonight.newest and moment - tonight.night.started_at > tonight.pause
    reasons: list[Reason] = [("overdue", ())] if late else []
    reasons += [(change, names) for change, names in named.items() if names]
    if any(alert.level != "info" for alert in tonight.alerts):
        reasons.append(("alerts", ()))
    if tonight.young:
        reasons.append(("young", ()))
    return State("look" if reasons else "fine", tuple(reasons))


def gather(session: Session, night: NightRow, newest: bool) -> Tonight:
    """Read a night from the registry; its pictures and scores are read apart."""
    known = registry.patterns(session)
    judged = night.finished_at or night.started_at
    before, past = _before(session, night), _history(session, night)
    drift = registry.drift_figures(session, [night.run_id])
    patterns = [
        PatternTonight(n, _title(known, n.pattern), past.get(n.pattern, ()),
                       registry.champion_at(session, n.pattern, judged))
        for n in registry.night(session, night.run_id)
    ]  # fmt: skip
    patterns.sort(key=gravest_first)
    return Tonight(
        night, newest, patterns,
        registry.open_alerts(session) if newest else [],
        _unsteady(drift),
        [p.reign for p in patterns if p.reign and before and p.reign.since > before],
        [row for p in patterns for row in registry.threshold_history(session, p.night.pattern)
         if before and before < row.since <= judged],
        review_waiting(session, night.run_id),
        registry.quarantined(session, night.batch_id),
        faulty_pictures(session, night.run_id),
        newest_inspection(session),
        before,
        compared(drift),
        usual_pause([one.started_at for one in registry.nights(session, HISTORY)]),
    )  # fmt: skip


def _history(session: Session, night: NightRow) -> dict[str, tuple[float, ...]]:
    """Return by pattern the estimated shares of earlier nights, oldest first."""
    rows = [
        row for row in registry.pattern_trend(session, LOOKED_BACK)
        if row.at < night.started_at and row.batch_id != night.batch_id
    ]  # fmt: skip
    shares: dict[str, list[float]] = {}
    for row in rows:
        if row.separable and row.images >= FEWEST_OF_A_SHARE:
            shares.setdefault(row.pattern, []).append(row.share.estimate)
    return {name: tuple(own[-HISTORY:]) for name, own in shares.items()}


def _before(session: Session, night: NightRow) -> datetime | None:
    """Return when the night before was judged; what it changed itself is no news of this one."""
    earlier = registry.nights(session, LOOKED_BACK, until=night.started_at)
    last = next((one for one in earlier if one.batch_id != night.batch_id), None)
    return None if last is None else last.finished_at or last.started_at


def usual_pause(begun: Sequence[datetime]) -> timedelta:
    """Return the longest time but one between nights of late, a day and a half at least.

    Weekends come more than once among them, and a holiday does not.
    """
    pauses = sorted(after - before for before, after in pairwise(sorted(begun)))
    return max([DAILY, *pauses[:-1]])


def _unsteady(figures: Sequence[DriftFigure]) -> list[DriftFigure]:
    found = [f for f in figures if f.level is not Level.STEADY]
    return sorted(found, key=lambda f: list(Level).index(f.level), reverse=True)


def gravest_first(pattern: PatternTonight) -> tuple[int, float]:
    """Order patterns: above usual, not told apart, then all others by their share."""
    loud = ("above", "silent")
    rank = loud.index(pattern.change) if pattern.change in loud else len(loud)
    return rank, -pattern.night.defect_share.estimate


def _names(patterns: Sequence[PatternTonight], change: str) -> tuple[str, ...]:
    return tuple(p.name for p in patterns if p.change == change)


def _title(known: dict[str, PatternRow], pattern: str) -> str | None:
    return known[pattern].title if pattern in known else None
