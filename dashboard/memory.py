"""The fake beside the port: records held in memory, for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from dashboard.records import Attempt, Night, Run, Suspect


@dataclass(frozen=True)
class MemoryRecords:
    """Answers from what it was given; `suspects` also make up the scores."""

    nights: Sequence[Night] = ()
    suspects: Mapping[str, Sequence[Suspect]] = field(default_factory=dict)  # by run id
    thumbnails: Mapping[str, bytes] = field(default_factory=dict)
    heats: Mapping[str, bytes] = field(default_factory=dict)
    attempt: Attempt | None = None

    def runs(self) -> Sequence[Run]:
        return [night.run for night in self.nights]

    def latest(self) -> Attempt | None:
        return self.attempt

    def night(self, run: Run) -> Night:
        return next(night for night in self.nights if night.run == run)

    def scores(self, run_id: str) -> pd.DataFrame:
        rows = [(s.pattern, s.score) for s in self.suspects.get(run_id, ())]
        return pd.DataFrame(rows, columns=["pattern", "score"])

    def worst(self, run_id: str, pattern: str | None, limit: int) -> Sequence[Suspect]:
        found = [s for s in self.suspects.get(run_id, ()) if pattern in (None, s.pattern)]
        return sorted(found, key=lambda s: -s.score)[:limit]

    def thumbnail(self, sha256: str) -> bytes | None:
        return self.thumbnails.get(sha256)

    def heat(self, key: str) -> bytes | None:
        return self.heats.get(key)
