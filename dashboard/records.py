"""What the pages read: plain values from the registry and the object store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import pandas as pd

from technopro.results import Decision, PatternNight, Quarantined


@dataclass(frozen=True)
class Run:
    """One inspection run, for the picker and the headline."""

    run_id: str
    batch_id: int
    state: str  # running, completed or failed
    started: datetime  # aware, in the plant's time zone
    images: int


@dataclass(frozen=True)
class Attempt:
    """The newest run of any kind, which may have found nothing yet."""

    state: str  # running, completed or failed
    started: datetime  # aware, in the plant's time zone


@dataclass(frozen=True)
class Night:
    """What a run found, pattern by pattern."""

    run: Run
    patterns: tuple[PatternNight, ...]
    flagged: int
    to_review: int
    quarantined: tuple[Quarantined, ...]


@dataclass(frozen=True)
class Suspect:
    """One image of the gallery; `heat_key` is None where there is no heat map."""

    sha256: str
    path: str
    pattern: str
    score: float
    decision: Decision
    heat_key: str | None


class Records(Protocol):
    """Everything the pages may ask."""

    def runs(self) -> Sequence[Run]:
        """Return the runs, newest first; empty if nothing was inspected yet."""
        ...

    def latest(self) -> Attempt | None:
        """Return the newest run of any kind, or None if there was none."""
        ...

    def night(self, run: Run) -> Night:
        """Return what `run` found."""
        ...

    def scores(self, run_id: str) -> pd.DataFrame:
        """Return `pattern` and `score`, one row an image."""
        ...

    def worst(self, run_id: str, pattern: str | None, limit: int) -> Sequence[Suspect]:
        """Return the highest scores, of one pattern or of all."""
        ...

    def thumbnail(self, sha256: str) -> bytes | None:
        """Return the image's thumbnail (PNG), or None if it is gone."""
        ...

    def heat(self, key: str) -> bytes | None:
        """Return a heat map (grey PNG), or None if it is gone."""
        ...
