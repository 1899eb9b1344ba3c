"""How much work a profile spends on one pattern."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from technopro.fold import FOLDS, fold_of
from technopro.pseudolabel.rounds import RoundsPlan
from technopro.pseudolabel.student import Teaching
from technopro.settings import Profile


@dataclass(frozen=True)
class LearningPlan:
    """Effort per pattern; nothing here depends on what the images show."""

    drawn_per_image: float  # images drawn onto for each image of the pattern …
    drawn_least: int  # … but at least so many
    drawn_most: int  # … and at most so many
    rounds: RoundsPlan

    def drawn(self, images: int) -> int:
        """Return how many images are drawn onto for a pattern of so many."""
        return int(min(max(self.drawn_per_image * images, self.drawn_least), self.drawn_most))


PLANS: dict[Profile, LearningPlan] = {
    "quick": LearningPlan(1.0, 64, 128, RoundsPlan(Teaching(steps=12))),
    "standard": LearningPlan(0.75, 128, 320, RoundsPlan(Teaching(steps=14))),
}
SAMPLE = 40  # images that fit the whitening
FEWEST = 16  # images below which a pattern cannot be learned
LEAST_FOLD = 4  # images in the smaller fold; of 16 it has fewer once in fifty


def enough(hashes: Sequence[str]) -> bool:
    """Return whether a pattern of these images (SHA-256) can be learned."""
    folds = np.bincount([fold_of(sha256) for sha256 in hashes], minlength=FOLDS)
    return len(hashes) >= FEWEST and bool(folds.min() >= LEAST_FOLD)
