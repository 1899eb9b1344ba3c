"""The Swin of one fold, and how it learns one round."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from technopro.features.device import uploaded
from technopro.pseudolabel.augment import mixup, turn_and_flip
from technopro.pseudolabel.inputs import Inputs, Machine, predict
from technopro.pseudolabel.loss import symmetric_cross_entropy

Tensors = Mapping[str, np.ndarray]
Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]  # logits, labels (B,) to (B,)


@dataclass(frozen=True)
class Teaching:
    """How a Swin learns."""

    steps: int  # a round, each of one batch …
    passes: int = 8  # … but no more than so many over the images free of defects
    batch: int = 32
    learning_rate: float = 2e-4
    weight_decay: float = 0.05
    loss: Loss = symmetric_cross_entropy
    selected: float = 1.0  # share of each batch that teaches: those the network doubts least


@dataclass(frozen=True)
class Lesson:
    """What one pattern's Swins learn from; `source` names each drawn image's original."""

    images: Inputs
    drawn: Inputs
    source: np.ndarray  # (M,) index into images


class Student:
    """The Swin of one fold with its optimiser, living through all rounds."""

    def __init__(
        self,
        lesson: Lesson,
        teaching: Teaching,
        machine: Machine,
        network: nn.Module,
        fold: int,
        seed: int,
    ) -> None:
        self.network, self.fold = network.to(machine.device), fold
        self.rounds = 0  # that it has learned
        self._lesson, self._teaching, self._machine = lesson, teaching, machine
        self._rng = np.random.default_rng([seed, fold])
        self._generator = torch.Generator().manual_seed(seed + fold)
        self._optimiser = torch.optim.AdamW(
            network.parameters(), teaching.learning_rate, weight_decay=teaching.weight_decay
        )

    def logits(self) -> np.ndarray:
        """Return what it says of every image, those it learned from too: (N,) float32."""
        every = np.arange(len(self._lesson.images.folds))
        return predict(self.network, self._lesson.images, every, self._machine)

    def learn(self, labels: np.ndarray) -> float:
        """Train one round on the other folds' labelled images; returns the mean loss.

        `labels` (N,) are 0 to 1, NaN where an image is left out.
        """
        others = self._lesson.images.folds != self.fold
        free = np.flatnonzero(others & (labels < 0.5))
        defect = np.flatnonzero(others & (labels >= 0.5))
        source = self._lesson.source
        drawn = np.flatnonzero(others[source] & ~(labels[source] >= 0.5))
        self.rounds += 1
        if not len(free):
            return 0.0
        losses = []
        whole = math.ceil(2 * len(free) / self._teaching.batch)  # batches for all of them
        steps = min(self._teaching.steps, self._teaching.passes * whole)
        for step in range(steps):
            self._cool(step / steps)
            losses.append(self._step(labels, free, defect, drawn))
        return float(np.mean(losses))

    def state(self) -> Tensors:
        """Return all that it has become, between two rounds."""
        state = {f"network.{k}": v for k, v in self.network.state_dict().items()}
        for number, values in self._optimiser.state_dict()["state"].items():
            state |= {f"optimiser.{number}.{k}": v for k, v in values.items()}
        draws = json.dumps(self._rng.bit_generator.state).encode()
        return {
            **{name: value.detach().cpu().numpy() for name, value in state.items()},
            "draws": np.frombuffer(draws, np.uint8),
            "generator": self._generator.get_state().numpy(),
            "rounds": np.array(self.rounds),
        }

    def restore(self, state: Tensors) -> None:
        """Become again what `state` was taken of."""
        tensors = {name: torch.from_numpy(values) for name, values in state.items()}
        self.network.load_state_dict(_under("network.", tensors))
        optimised: dict[int, dict[str, torch.Tensor]] = {}
        for name, values in _under("optimiser.", tensors).items():
            number, _, what = name.partition(".")
            optimised.setdefault(int(number), {})[what] = values
        self._optimiser.load_state_dict(self._optimiser.state_dict() | {"state": optimised})
        self._rng.bit_generator.state = json.loads(state["draws"].tobytes())
        self._generator.set_state(tensors["generator"])
        self.rounds = int(state["rounds"])

    def _cool(self, done: float) -> None:
        """Let the learning rate fall by a cosine, to a fiftieth at the end of a round."""
        highest = self._teaching.learning_rate
        for group in self._optimiser.param_groups:
            group["lr"] = highest * (0.02 + 0.98 * (1 + math.cos(math.pi * done)) / 2)

    def _step(
        self, labels: np.ndarray, free: np.ndarray, defect: np.ndarray, drawn: np.ndarray
    ) -> float:
        """One batch: half free of defects, a quarter pseudo-labelled, the rest drawn."""
        free = self._rng.permutation(free)[: self._teaching.batch // 2]
        defect = self._rng.permutation(defect)[: len(free) // 2]
        drawn = self._rng.permutation(drawn)[: len(free) - len(defect)]
        own, lesson = np.r_[free, defect], self._lesson
        images = torch.cat([lesson.images.read(own), lesson.drawn.read(drawn)])
        targets = torch.from_numpy(np.r_[labels[own], np.ones(len(drawn))].astype(np.float32))
        images = turn_and_flip(images, self._generator)
        images, targets = mixup(images, targets, self._generator)
        return self._descend(images, targets)

    def _descend(self, images: torch.Tensor, targets: torch.Tensor) -> float:
        self.network.train()
        with self._machine.autocast():
            logits = self.network(uploaded(images, self._machine.device))[:, 0]
        losses = self._teaching.loss(logits.float(), targets.to(self._machine.device))
        count = max(1, round(len(losses) * self._teaching.selected))
        loss = losses.topk(count, largest=False).values.mean()
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimiser.step()
        return float(loss.detach())


def _under(prefix: str, tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return those whose name begins with the prefix, without it."""
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
