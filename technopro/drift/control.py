"""How sure to be, so that quiet nights stay quiet.

Whoever is called for nothing twice a month stops coming. So tonight's tests share one budget, and
it is small enough that thirty nights on which nothing changed bring at most one false alarm.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from technopro.drift.figure import DriftFigure, Finding, Level

NIGHTS = 30
ALARMS = 0.5  # false alarms expected in so many nights: half of the one allowed
WATCHES = 3.0  # of those nights that may show a false `watch`
BUDGET = ALARMS / NIGHTS  # false alarms expected in one night
ATTENTION = WATCHES / NIGHTS  # false discovery rate of `watch`


def settle(findings: Sequence[Finding]) -> list[DriftFigure]:
    """Return tonight's figures with their levels, in the order of the findings.

    `drifted` is what has a p-value of at most BUDGET / tests (Bonferroni): as long as each p-value
    is valid, the expected number of false alarms is at most ALARMS in NIGHTS nights, however the
    tests depend on each other. Holm's procedure bounds only the chance of any, and several false
    alarms may come together. `watch` keeps the false discovery rate at ATTENTION (Benjamini and
    Hochberg 1995, JRSS B 57:289), which holds for tests that are independent or depend positively.
    """
    judged = [f.p_value for f in findings if f.p_value is not None]
    levels = iter(levels_of(np.array(judged, float)))
    return [f.settle(next(levels) if f.p_value is not None else Level.STEADY) for f in findings]


def levels_of(p_values: np.ndarray) -> list[Level]:
    """Return the level that each of (tests,) p-values earns beside all others."""
    if len(p_values) == 0:
        return []
    alarmed = p_values * len(p_values) <= BUDGET
    watched = stats.false_discovery_control(p_values, method="bh") <= ATTENTION
    return [
        Level.DRIFTED if alarm else Level.WATCH if watch else Level.STEADY
        for alarm, watch in zip(alarmed, watched, strict=True)
    ]
