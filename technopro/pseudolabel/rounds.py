"""Rounds of pseudo-labelling: train on the surest images, score the others, label again.

What keeps the rounds from making things worse, each the answer to a fault of the plain scheme:
the share ladder is a cap over the defect share that the seed is sure of, never a quota; the
ambiguous middle is left out; drawn defects stand beside the few pseudo-labelled ones; every image
is scored by the network that was not trained on it; the seed's score stays in the blend; and the
rounds end when they no longer change the order of the images.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import stats
from torch import nn

from technopro.features.device import seeded
from technopro.fold import FOLDS
from technopro.pseudolabel.flight import Flight
from technopro.pseudolabel.inputs import Machine
from technopro.pseudolabel.memory import Memory, catch_up, hold_round
from technopro.pseudolabel.student import Lesson, Student, Teaching
from technopro.seeding.combine import standardised

LADDER = (0.05, 0.10, 0.12, 0.13)  # caps on the share labelled defective, round by round
SURE_SHARE = 0.5  # the least suspicious half is labelled free of defects
SETTLED = 0.99  # rank correlation with the round before, from which another changes nothing


@dataclass(frozen=True)
class RoundsPlan:
    """How long and how the Swin learns."""

    teaching: Teaching
    ladder: tuple[float, ...] = LADDER

    def going_on(self) -> RoundsPlan:
        """Return the plan for Swins that know the pattern: one round, by all that is sure."""
        return replace(self, ladder=self.ladder[-1:])


@dataclass(frozen=True)
class RoundsOutcome:
    """Cross-fitted logits, the network of each fold, and the record of every round."""

    logits: np.ndarray  # (N,)
    networks: tuple[nn.Module, ...]  # fold k was not trained on the images of fold k
    history: list[dict[str, float]]
    flight: Flight


@dataclass
class _Record:
    labels: list[np.ndarray] = field(default_factory=list)
    scores: list[np.ndarray] = field(default_factory=list)
    logits: list[np.ndarray] = field(default_factory=list)

    def flight(self) -> Flight:
        return Flight(*(np.stack(rows).astype(np.float32) for rows in vars(self).values()))


def run_rounds(
    lesson: Lesson,
    seed_score: np.ndarray,
    verdicts: np.ndarray,
    share: float,
    make_network: Callable[[int], nn.Module],
    plan: RoundsPlan,
    machine: Machine,
    seed: int,
    progress: Callable[[int, int], None],
    memory: Memory,
) -> RoundsOutcome:
    """Return what the Swin makes of the seed's opinion.

    `make_network` gives what each fold's Swin starts from, which no image of that fold has taught.
    `seed_score` (N,) is standardised, higher is worse; `verdicts` (N,) are soft labels, 0 to 1,
    NaN where nobody looked; `share` is the defect share (0 to 1) that the seed is sure of. It is
    not estimated again after a round: a Swin sets apart whatever it was told is defective.
    Rounds that were cut off go on from what is in `memory`.
    """
    folds, record, history = lesson.images.folds, _Record(), []
    every = np.arange(len(folds))
    with seeded(seed, machine.device):
        students = [
            Student(lesson, plan.teaching, machine, make_network(k), k, seed) for k in range(FOLDS)
        ]
        score = seed_score
        for number, cap in enumerate(plan.ladder, 1):
            taken = min(cap, share)
            labels = np.where(np.isnan(verdicts), pseudo_labels(score, taken), verdicts)
            losses, logits = hold_round(students, labels, number, memory)
            before = score
            score = 0.5 * (seed_score + standardised(logits[folds, every]))
            agreement = float(stats.spearmanr(before, score).statistic)
            record.labels.append(labels)
            record.scores.append(score)
            record.logits.append(logits)
            history.append({"round": number, "share": taken, "loss": float(np.mean(losses)),
                            "agreement": agreement})  # fmt: skip
            progress(number, len(plan.ladder))
            if agreement >= SETTLED:
                break
        catch_up(students, memory)
    networks = tuple(student.network.eval() for student in students)
    return RoundsOutcome(logits[folds, every], networks, history, record.flight())


def pseudo_labels(score: np.ndarray, share: float) -> np.ndarray:
    """Label the worst `share` 1, the least suspicious half 0, the middle NaN (left out)."""
    order = np.argsort(score, kind="stable")
    labels = np.full(len(score), np.nan)
    labels[order[: int(len(score) * SURE_SHARE)]] = 0.0
    worst = round(len(score) * share)
    if worst:
        labels[order[-worst:]] = 1.0
    return labels
