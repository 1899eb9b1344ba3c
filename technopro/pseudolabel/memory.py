"""What rounds remember, so that rounds that were cut off go on with the fold they were at."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch

from technopro.pseudolabel.student import Student, Tensors


class Memory(Protocol):
    """Arrays by name, of these rounds alone."""

    def get(self, name: str) -> dict[str, np.ndarray] | None:
        """Return what was kept, if anything."""
        ...

    def put(self, name: str, tensors: Tensors) -> None:
        """Keep arrays, in place of what was there."""
        ...


class NoMemory:
    """Remembers nothing."""

    def get(self, name: str) -> None:
        """Return nothing."""

    def put(self, name: str, tensors: Tensors) -> None:
        """Keep nothing."""


def hold_round(
    students: list[Student], labels: np.ndarray, number: int, memory: Memory
) -> tuple[np.ndarray, np.ndarray]:
    """Teach every student one round; returns their losses (K,) and logits (K, N).

    What is remembered of the round is taken instead: all of it, or the folds that were done.
    """
    kept = memory.get(f"round-{number}")
    if kept is not None:
        _go_on_from(kept)
        return kept["losses"], kept["logits"]
    losses = np.array([_teach(student, labels, number, memory) for student in students])
    logits = np.stack([student.logits() for student in students])
    memory.put(f"round-{number}", {"losses": losses, "logits": logits, **_chance()})
    return losses, logits


def catch_up(students: list[Student], memory: Memory) -> None:
    """Bring students whose rounds were all remembered to what they had become."""
    for student in students:
        kept = None if student.rounds else memory.get(_name(student))
        if kept is not None:
            student.restore(kept)


def _teach(student: Student, labels: np.ndarray, number: int, memory: Memory) -> float:
    kept = None if student.rounds else memory.get(_name(student))
    if kept is not None:
        student.restore(kept)
        if student.rounds == number:
            _go_on_from(kept)
            return float(kept["loss"])
    loss = student.learn(labels)
    memory.put(_name(student), {**student.state(), "loss": np.array(loss), **_chance()})
    return loss


def _name(student: Student) -> str:
    return f"fold-{student.fold}"


def _chance() -> Tensors:
    """Return the states of torch's own generators: dropout draws from them."""
    states = {"chance.cpu": torch.get_rng_state().numpy()}
    if torch.cuda.is_available():
        states["chance.cuda"] = torch.cuda.get_rng_state().numpy()
    return states


def _go_on_from(kept: Tensors) -> None:
    torch.set_rng_state(torch.from_numpy(kept["chance.cpu"]))
    if "chance.cuda" in kept and torch.cuda.is_available():
        torch.cuda.set_rng_state(torch.from_numpy(kept["chance.cuda"]))
