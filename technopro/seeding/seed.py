"""The protocol every seed follows: fitted once a fold, it scores images of the held-out fold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from technopro.features.scratch import ViewFile
from technopro.features.views import Views

FOLDS = 2


def fold_of(sha256: str) -> int:
    """Return the fold of an image, a pure function of its bytes.

    The part of a model that belongs to this fold was fitted without the image, so one rule scores
    training images honestly and new images alike.
    """
    return int(sha256[:8], 16) % FOLDS


@dataclass(frozen=True)
class Material:
    """What a seed may learn from: one pattern's images, and the same with defects drawn on."""

    views: ViewFile
    drawn: ViewFile
    masks: np.ndarray  # (M, h, w) share of each fine position that the drawn defect covers


class FittedSeed(Protocol):
    """A seed that has seen a pattern."""

    def score(self, view: Views) -> np.ndarray:
        """Return (B,) scores, higher is worse; each image by the fit of its own fold."""
        ...

    def tensors(self) -> dict[str, np.ndarray]:
        """Return the arrays from which the seed can be restored."""
        ...


class Seed(Protocol):
    """A way to tell the odd images of a pattern from the many, without labels."""

    @property
    def name(self) -> str:
        """Short and unique; part of the model's recipe."""
        ...

    def fit(self, material: Material, seed: int) -> FittedSeed:
        """Fit one part a fold, each on the images of the other folds; `seed` fixes all chance."""
        ...

    def restore(self, tensors: dict[str, np.ndarray]) -> FittedSeed:
        """Return the fitted seed from what `FittedSeed.tensors` gave."""
        ...
