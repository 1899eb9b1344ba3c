"""What thresholds would have done to one pattern in one night, and setting them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

import numpy as np
import streamlit as st
from sqlalchemy.orm import Session

from dashboard.address import distinct
from dashboard.frame import NEWS, TROUBLE, View
from dashboard.plant import FRESH_S
from technopro import registry
from technopro.errors import RegistryError
from technopro.registry.calibrated import calibrated_scores
from technopro.results import PatternNight

DIGITS = 3  # of a threshold, as it is shown and chosen
WHY = "scores-why"  # in the session: the reason as it is typed
NIGHTS = 90  # to compare with


@dataclass(frozen=True)
class Scores:
    """The scores of one pattern in one night, sorted once, so that any cut is answered at once."""

    ascending: np.ndarray  # (N,), each the probability of a defect
    sums: np.ndarray  # (N + 1,), of the first n scores

    @classmethod
    def of(cls, scores: Sequence[float] | np.ndarray) -> Scores:
        ascending = np.sort(np.asarray(scores, dtype=float))
        return cls(ascending, np.concatenate([[0.0], np.cumsum(ascending)]))


@dataclass(frozen=True)
class Outcome:
    """What two thresholds make of a night; expectations follow from the scores alone."""

    flagged: int
    review: int
    misses: float  # expected defects among the parts that pass unseen
    false_alarms: float  # expected good parts among those flagged

    def cost(self, miss_cost: float) -> float:
        """Return the expected cost in false alarms; a miss costs `miss_cost` of them."""
        return self.misses * miss_cost + self.false_alarms

    def minutes(self, seconds: float) -> float:
        """Return how long people look at what is put to them, at `seconds` a part."""
        return self.review * seconds / 60


def outcome(scores: Scores, *, defect: float, review: float, separable: bool = True) -> Outcome:
    """Return what comes of a night at these thresholds, as `technopro.decision.decide` does it.

    A review threshold above that of defects leaves no band; in a pattern that cannot be separated
    nothing is flagged, and the review threshold counts as it is.
    """
    images = len(scores.ascending)
    start, end = np.searchsorted(
        scores.ascending, [min(review, defect) if separable else review, defect]
    )
    end = int(end) if separable else images
    flagged = images - end
    above = float(scores.sums[images] - scores.sums[end])
    return Outcome(flagged, end - int(start), float(scores.sums[start]), flagged - above)


def exact(chosen: float, own: float) -> float:
    """Return the night's own threshold where the slider stands at it, else the slider's value.

    A slider knows `DIGITS` digits: at its start it must not decide differently from the night.
    """
    return own if round(own, DIGITS) == round(chosen, DIGITS) else chosen


def start_number(key: str, default: float, low: float, high: float) -> float:
    """Return the address's value of `key` if it is one from `low` to `high`, else `default`."""
    try:
        wanted = float(st.query_params.get(key, ""))
    except ValueError:
        return default
    return wanted if low <= wanted <= high else default


def forget_cuts() -> None:
    """Take the thresholds out of the address: those of one pattern mean nothing to another."""
    for key in ("defect", "review"):
        st.query_params.pop(key, None)


def cut_at(night: PatternNight, *, defect: float, review: float) -> PatternNight:
    """Return a night as a chart shows it at other thresholds; inseparable, nothing is flagged."""
    top = defect if night.separable else np.inf
    return replace(night, threshold=top, review_threshold=min(review, top))


def scores_of(view: View, run_id: str, pattern: str) -> Scores:
    """Return a pattern's scores in a night; remembered for a minute."""
    return _scores(str(view.plant.engine.url), run_id, pattern, view)


def other_nights(view: View, run_id: str, pattern: str) -> dict[str, registry.TrendRow]:
    """Return the nights in which the pattern was scored, but for this one, newest first."""
    with view.session() as session:
        rows = registry.pattern_trend(session, NIGHTS, pattern)
    return {row.run_id: row for row in reversed(rows) if row.run_id != run_id}


def called(view: View, nights: Mapping[str, registry.TrendRow]) -> dict[str, str]:
    """Return what each night is called in a list: when it was, told apart from others like it."""
    zone = ZoneInfo(view.plant.settings.timezone)  # once: the plant's settings are read anew
    return distinct({key: view.say.when(row.at.astimezone(zone)) for key, row in nights.items()})


def night_of(view: View, run_id: str, pattern: str) -> PatternNight | None:
    """Return what a run found of a pattern."""
    with view.session() as session:
        found = {night.pattern: night for night in registry.night(session, run_id)}
    return found.get(pattern)


def save(
    view: View, pattern: str, defect: float, review: float, before: registry.ThresholdRow | None
) -> str:
    """Let a pattern be decided at these scores from the next night on; returns what to say.

    The reason is what stands in the field; without one, nothing is saved. Raises Refused for
    anybody but an engineer, InputError for a band above the defects, and RegistryError where
    `before`, which the person saw, is no longer in force.
    """
    reason = str(st.session_state.get(WHY) or "").strip()
    if view.user.may("engineer") and not reason:
        return view.say("scores_no_reason")

    def act(session: Session, actor: str) -> None:
        present = registry.thresholds(session).get(pattern)
        if present != before:
            who = "somebody" if present is None else present.actor
            raise RegistryError(
                f"{who} has set thresholds of {pattern} meanwhile; look at them and choose again"
            )
        registry.set_thresholds(
            session, pattern, defect=defect, review=review, actor=actor, reason=reason
        )

    view.change("engineer", act)
    st.session_state[WHY] = ""
    return view.say("scores_saved")


def whole_page_again() -> None:
    """In a fragment: draw the whole page where a button of the fragment has done something."""
    if NEWS in st.session_state or TROUBLE in st.session_state:
        st.rerun()


@st.cache_data(max_entries=8, ttl=FRESH_S, show_spinner=False)
def _scores(database_url: str, run_id: str, pattern: str, _view: View) -> Scores:
    with _view.session() as session:
        return Scores.of(calibrated_scores(session, run_id, pattern))
