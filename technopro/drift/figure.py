"""What a comparison of two nights says: a figure with a level and one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Kind = Literal["mix", "scores", "embedding", "novelty"]


class Level(StrEnum):
    """How much a figure matters, in rising order."""

    STEADY = "steady"
    WATCH = "watch"
    DRIFTED = "drifted"


@dataclass(frozen=True)
class DriftFigure:
    """One comparison of tonight with the reference nights."""

    kind: Kind
    pattern: str | None  # None where the figure is about the whole night
    statistic: str  # psi, share, wasserstein, mmd2, trend, novel_share
    value: float  # in the unit of the statistic; a share is 0 to 1
    p_value: float | None  # None where the reference is too small to judge
    low: float | None  # range expected on 19 nights of 20 if nothing changed
    high: float | None
    level: Level
    words: str  # one sentence for QA


def compared(figures: Sequence[DriftFigure]) -> bool:
    """Return whether a night was compared with others: else there is no figure, or a lone one."""
    return len(figures) > 1 or any(figure.p_value is not None for figure in figures)


@dataclass(frozen=True)
class Finding:
    """A comparison before its level is known: that depends on all others of the night.

    `lowest` is the level it has whatever the p-value says, `highest` the one it cannot pass because
    the difference is a trifle or the reference nights are too few.
    """

    kind: Kind
    pattern: str | None
    statistic: str
    value: float
    p_value: float | None
    low: float | None
    high: float | None
    usual: str  # words if nothing changed
    changed: str  # words if something did
    lowest: Level = Level.STEADY
    highest: Level = Level.DRIFTED

    def settle(self, level: Level) -> DriftFigure:
        """Return the figure with the level that its p-value earned, kept within its bounds."""
        level = max(min(level, self.highest, key=_rank), self.lowest, key=_rank)
        words = self.usual if level is Level.STEADY else self.changed
        return DriftFigure(
            self.kind,
            self.pattern,
            self.statistic,
            self.value,
            self.p_value,
            self.low,
            self.high,
            level,
            words,
        )


def percent(share: float) -> str:
    """Return a share of 0 to 1 as words: `22 %`, and with one decimal below ten."""
    return f"{100 * share:.{0 if share >= 0.095 or share == 0 else 1}f} %"


def _rank(level: Level) -> int:
    return list(Level).index(level)
