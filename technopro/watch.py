"""A champion that flags quite other shares than it did in training gives way to the one before.

More or fewer defects than usual may be the truth. So the champion before is asked about the same
images: where it sees no change, the new one is wrong and is rolled back; where it sees one too, the
parts have changed, and the champion stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from technopro import registry
from technopro.alerting import tell_change_of_champion
from technopro.bench import Bench
from technopro.decision.decide import STANDARD, Cuts, decide
from technopro.errors import ObjectMissing, WeightsError
from technopro.learner.seen import restore_seen
from technopro.plant import Progress
from technopro.registry import ModelRow
from technopro.results import Decision
from technopro.score import Night, ask
from technopro.stored import load_model

RARE = 0.001  # chance of such a difference between two samples of the same parts
ASKED = 200  # images that the champion before is asked about


@dataclass(frozen=True)
class Flagged:
    """How many of how many images a model calls defects."""

    count: int
    images: int

    def unlike(self, other: Flagged) -> bool:
        """Return whether chance hardly explains the difference (Fisher's exact test)."""
        table = [[f.count, f.images - f.count] for f in (self, other)]
        return float(stats.fisher_exact(table).pvalue) < RARE

    def __str__(self) -> str:
        return f"{self.count} of {self.images}"


def roll_back_unsteady(
    bench: Bench,
    champions: Mapping[str, ModelRow],
    cuts: Mapping[str, Cuts],
    night: Night,
    actor: str,
    progress: Progress,
) -> dict[str, ModelRow]:
    """Roll back every champion that contradicts both itself and the one before.

    Returns the champions that are back, by pattern; the night should be scored again with them.
    """
    restored = {}
    for name in sorted({p.pattern for p in night.patterns}):
        own = cuts.get(name, STANDARD)
        reason = _unsteady(bench, champions[name], own, night, progress)
        if reason is None:
            continue
        with registry.unit_of_work(bench.plant.engine) as session:
            registry.roll_back(session, name, actor=actor, reason=reason)
            tell_change_of_champion(session, name, "rolled back", reason)
            restored[name] = registry.champions(session)[name]
            session.commit()
    return restored


def _unsteady(
    bench: Bench, champion: ModelRow, cuts: Cuts, night: Night, progress: Progress
) -> str | None:
    """Return why a champion must go, or None."""
    judged = [p for p in night.predictions if p.pattern == champion.pattern and p.fault is None]
    tonight = Flagged(sum(p.decision is Decision.DEFECT for p in judged), len(judged))
    with registry.unit_of_work(bench.plant.engine) as session:
        before = registry.earlier_champion(session, champion.pattern)
    if before is None or not judged:
        return None
    expected = in_training(bench, champion, cuts, progress)
    if not tonight.unlike(expected):
        return None
    some = np.random.default_rng(bench.options.seed).permutation([p.sha256 for p in judged])[:ASKED]
    try:
        then = in_training(bench, before, cuts, progress)
        now = flagged(bench, before, some.tolist(), cuts, progress)
    except (WeightsError, ObjectMissing):
        return None
    if now.unlike(then):
        return None
    return (
        f"{champion.version} flagged {tonight} images, {expected} in training; {before.version} "
        f"flags {now}, {then} in training"
    )


def in_training(bench: Bench, row: ModelRow, cuts: Cuts, progress: Progress) -> Flagged:
    """Return what a model flagged among the images that it learned from."""
    hashes = list(restore_seen(load_model(bench.plant.store, row).tensors))
    return flagged(bench, row, hashes, cuts, progress)


def flagged(
    bench: Bench, row: ModelRow, hashes: Sequence[str], cuts: Cuts, progress: Progress
) -> Flagged:
    """Return how many of these images a model calls defects."""
    what = f"asking {row.pattern} {row.version}"
    fitted, evidence = ask(bench, row, hashes, progress, what)
    calibration = fitted.calibration
    decisions = decide(calibration(evidence), calibration.separable, cuts)
    return Flagged(sum(d is Decision.DEFECT for d in decisions), len(decisions))
