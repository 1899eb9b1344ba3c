"""The drawn-defect seed: a small head that learned what drawn defects do to the features.

A three-layer perceptron on the whitened features of all levels, in the manner of DRAEM's
discriminative branch (Zavrtanik et al. 2021, arXiv:2108.07610) but on frozen features.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from technopro.features.views import LEVELS, Views
from technopro.seeding.head import HeadPlan, Heads, fit_heads, restore_heads
from technopro.seeding.seed import Material, on_finest_grid

HIDDEN = 64


@dataclass(frozen=True)
class DrawnSeed:
    """Learn from tonight's images with defects drawn onto them."""

    name: str = "drawn"

    def fit(self, material: Material, seed: int) -> FittedDrawn:
        return FittedDrawn(fit_heads(material, position_vectors, HeadPlan(build_head), seed))

    def restore(self, tensors: dict[str, np.ndarray]) -> FittedDrawn:
        return FittedDrawn(restore_heads(build_head, tensors))


@dataclass(frozen=True)
class FittedDrawn:
    """The trained heads."""

    heads: Heads

    def maps(self, view: Views) -> dict[str, torch.Tensor]:
        return {"drawn": self.heads.logits(position_vectors(view), view.folds)}

    def tensors(self) -> dict[str, np.ndarray]:
        return self.heads.tensors()


def position_vectors(view: Views) -> torch.Tensor:
    """Join all levels on the finest grid: (B, h, w, d)."""
    return torch.cat([on_finest_grid(view.maps[level], view) for level in LEVELS], 3)


def build_head(width: int) -> nn.Sequential:
    """Return the perceptron, (…, width) -> (…, 1)."""
    return nn.Sequential(
        nn.Linear(width, HIDDEN),
        nn.GELU(),
        nn.Dropout(0.1),
        nn.Linear(HIDDEN, HIDDEN),
        nn.GELU(),
        nn.Linear(HIDDEN, 1),
    )
