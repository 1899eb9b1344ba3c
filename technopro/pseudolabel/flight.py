"""The flight recorder: what every image was taken for, in every round and by every fold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import special


@dataclass(frozen=True)
class Flight:
    """The rounds of one pattern, as arrays of R rounds, K folds and N images."""

    labels: np.ndarray  # (R, N) float32: pseudo-label, 0 to 1, NaN where left out
    scores: np.ndarray  # (R, N) float32: standardised, after the round
    logits: np.ndarray  # (R, K, N) float32: of each fold's Swin

    @property
    def instability(self) -> np.ndarray:
        """Spread of the Swins' probability of a defect over rounds and folds: (N,), 0 to 0.5.

        The `variability` of dataset cartography (Swayamdipta et al. 2020, arXiv:2009.10795).
        """
        return np.asarray(special.expit(self.logits).std((0, 1)))

    def tensors(self) -> dict[str, np.ndarray]:
        """Return the arrays from which `restore_flight` makes it again."""
        return {f"flight.{name}": value for name, value in vars(self).items()}


def restore_flight(tensors: Mapping[str, np.ndarray]) -> Flight | None:
    """Return the record from a model's arrays; None for a model without one."""
    names = ("labels", "scores", "logits")
    if f"flight.{names[0]}" not in tensors:
        return None
    return Flight(*(tensors[f"flight.{name}"] for name in names))
