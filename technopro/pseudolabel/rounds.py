"""Rounds of pseudo-labelling: train on the surest images, score the others, label again.

What keeps the rounds from making things worse, each the answer to a fault of the plain scheme:
the share ladder is a cap over the estimated defect share, never a quota; the ambiguous middle is
left out; drawn defects stand beside the few pseudo-labelled ones; every image is scored by the
network that was not trained on it; and the seed's score stays in the blend.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from technopro.features.extract import batches
from technopro.features.scratch import RowFile, ViewFile
from technopro.features.views import Views
from technopro.pseudolabel.augment import mixup, turn_and_flip
from technopro.pseudolabel.loss import symmetric_cross_entropy
from technopro.seeding.combine import standardised
from technopro.seeding.seed import FOLDS

LADDER = (0.05, 0.10, 0.12, 0.13)  # caps on the share labelled defective, round by round
SURE_SHARE = 0.5  # the least suspicious half is labelled free of defects
DEFECT, MIDDLE, FREE = 1, -1, 0


@dataclass(frozen=True)
class RoundsPlan:
    """How long and how the Swin learns."""

    steps: int  # a round, each of one batch
    batch: int = 32
    learning_rate: float = 2e-4
    weight_decay: float = 0.05
    ladder: tuple[float, ...] = LADDER


@dataclass(frozen=True)
class Inputs:
    """What the Swin reads of many images, on disk, with the fold of each."""

    rows: RowFile  # (C, S, S) float16 each
    folds: np.ndarray

    def read(self, indices: np.ndarray) -> torch.Tensor:
        """Return (len(indices), C, S, S) float32."""
        return torch.from_numpy(self.rows.read(indices)).float()


def prepare_inputs(views: ViewFile, read: Callable[[Views], torch.Tensor], path: Path) -> Inputs:
    """Write the Swin's inputs of all images once, since every round reads them often."""
    rows = RowFile(path)
    for view in views.chunks():
        rows.append(read(view).half().numpy())
    return Inputs(rows, views.folds.numpy())


@dataclass(frozen=True)
class Lesson:
    """What one pattern's Swins learn from; `source` names each drawn image's original."""

    images: Inputs
    drawn: Inputs
    source: np.ndarray  # (M,) index into images


@dataclass(frozen=True)
class Machine:
    """Where and in which precision the Swin runs."""

    device: torch.device
    precision: torch.dtype

    def autocast(self) -> torch.autocast:
        on = self.precision != torch.float32
        return torch.autocast(self.device.type, self.precision, enabled=on)


@dataclass(frozen=True)
class RoundsOutcome:
    """Cross-fitted logits, the network of each fold, and the labels and scores of each round."""

    logits: np.ndarray  # (N,)
    networks: tuple[nn.Module, ...]  # fold k was not trained on the images of fold k
    history: list[dict[str, float]]


def run_rounds(
    lesson: Lesson,
    seed_score: np.ndarray,
    share_of: Callable[[np.ndarray], float],
    make_network: Callable[[], nn.Module],
    plan: RoundsPlan,
    machine: Machine,
    seed: int,
    progress: Callable[[int, int], None],
) -> RoundsOutcome:
    """Return what the Swin makes of the seed's opinion.

    `seed_score` (N,) is standardised, higher is worse; `share_of` estimates the defect share (0 to
    1) of such a score.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        students = [_Student(lesson, plan, machine, make_network(), k, seed) for k in range(FOLDS)]
        folds = lesson.images.folds
        score, history, logits = seed_score, [], np.zeros(len(folds), np.float32)
        for number, cap in enumerate(plan.ladder, 1):
            share = min(cap, share_of(score))
            labels = pseudo_labels(score, share)
            losses = [student.learn(labels) for student in students]
            for student in students:
                own = np.flatnonzero(folds == student.fold)
                logits[own] = predict(student.network, lesson.images, own, machine)
            score = 0.5 * (seed_score + standardised(logits))
            history.append({"round": number, "share": share, "loss": float(np.mean(losses))})
            progress(number, len(plan.ladder))
    return RoundsOutcome(logits, tuple(s.network.eval() for s in students), history)


def pseudo_labels(score: np.ndarray, share: float) -> np.ndarray:
    """Label the worst `share` 1, the least suspicious half 0, the middle -1 (left out)."""
    order = np.argsort(score, kind="stable")
    labels = np.full(len(score), MIDDLE, np.int64)
    labels[order[: int(len(score) * SURE_SHARE)]] = FREE
    worst = round(len(score) * share)
    if worst:
        labels[order[-worst:]] = DEFECT
    return labels


class _Student:
    """The Swin of one fold with its optimiser, living through all rounds."""

    def __init__(
        self,
        lesson: Lesson,
        plan: RoundsPlan,
        machine: Machine,
        network: nn.Module,
        fold: int,
        seed: int,
    ) -> None:
        self.network, self.fold = network.to(machine.device), fold
        self._lesson, self._plan, self._machine = lesson, plan, machine
        self._rng = np.random.default_rng([seed, fold])
        self._generator = torch.Generator().manual_seed(seed + fold)
        self._optimiser = torch.optim.AdamW(
            network.parameters(), plan.learning_rate, weight_decay=plan.weight_decay
        )
        self._schedule = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(
            self._optimiser, T_0=plan.steps, eta_min=plan.learning_rate / 50
        )

    def learn(self, labels: np.ndarray) -> float:
        """Train one round on the other folds' sure images; returns the mean loss."""
        others = self._lesson.images.folds != self.fold
        free = np.flatnonzero(others & (labels == FREE))
        defect = np.flatnonzero(others & (labels == DEFECT))
        source = self._lesson.source
        drawn = np.flatnonzero(others[source] & (labels[source] != DEFECT))
        if not len(free):
            return 0.0
        half = self._plan.batch // 2
        losses = []
        for _ in range(self._plan.steps):
            losses.append(self._step(self._rng.permutation(free)[:half], defect, drawn))
            self._schedule.step()
        return float(np.mean(losses))

    def _step(self, free: np.ndarray, defect: np.ndarray, drawn: np.ndarray) -> float:
        """One batch: half free of defects, a quarter pseudo-labelled, the rest drawn."""
        defect = self._rng.permutation(defect)[: len(free) // 2]
        drawn = self._rng.permutation(drawn)[: len(free) - len(defect)]
        lesson = self._lesson
        images = torch.cat([lesson.images.read(np.r_[free, defect]), lesson.drawn.read(drawn)])
        labels = torch.ones(len(images))
        labels[: len(free)] = 0.0
        images = turn_and_flip(images, self._generator)
        images, labels = mixup(images, labels, self._generator)
        return self._descend(images, labels)

    def _descend(self, images: torch.Tensor, labels: torch.Tensor) -> float:
        self.network.train()
        with self._machine.autocast():
            logits = self.network(images.to(self._machine.device))[:, 0]
        loss = symmetric_cross_entropy(logits.float(), labels.to(self._machine.device))
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimiser.step()
        return float(loss.detach())


def predict(
    network: nn.Module, inputs: Inputs, indices: np.ndarray, machine: Machine
) -> np.ndarray:
    """Return the logits of these images: (len(indices),) float32."""
    parts = [
        swin_logits(network, inputs.read(indices[part]), machine)
        for part in batches(len(indices), 64)
    ]
    return np.concatenate([np.zeros(0, np.float32), *parts])


@torch.inference_mode()
def swin_logits(network: nn.Module, images: torch.Tensor, machine: Machine) -> np.ndarray:
    """Return the logits of (B, C, S, S) inputs: (B,) float32."""
    network.eval()
    with machine.autocast():
        logits = network(images.to(machine.device))[:, 0]
    return np.asarray(logits.float().cpu().numpy())
