"""Maps of several seeds, added place by place before the worst places make a score.

A faint defect is faintly odd to every seed, at the same places; what each finds odd by chance lies
elsewhere in each. So the sum shows what a sum of scores of whole images has lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from technopro.seeding.combine import Scale, Scores, Weights, fit_scale

ADDED = ("mixture", "mixture_fusion", "drawn")
PLACES = "places"  # the name of the opinion that the sum makes


@dataclass(frozen=True)
class Places:
    """A weighted sum of maps, each in spreads of the score that it makes by itself."""

    scales: Mapping[str, Scale]
    weights: Mapping[str, float]

    def __call__(self, maps: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Return (B, h, w) of maps of that shape by name; those without weight may be missing."""
        parts = [
            weight * (maps[name] - self.scales[name].middle) / self.scales[name].spread
            for name, weight in self.weights.items()
            if weight > 0
        ]
        return torch.stack(parts).sum(0)


def fit_places(own: Scores, weights: Weights) -> Places:
    """Take each map's unit from the scores of all images, (N,), that the map makes by itself."""
    return Places({name: fit_scale(own[name]) for name in weights}, weights)
