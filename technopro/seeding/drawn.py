"""The drawn-defect seed: a small head that learned what drawn defects do to the features.

A three-layer perceptron on the whitened features of the finer levels, in the manner of DRAEM's
discriminative branch (Zavrtanik et al. 2021, arXiv:2108.07610) but on frozen features. The coarsest
level says less of a drawn defect than of the image that it was drawn onto. Noise on what it learns
from is a penalty on steep answers (Bishop 1995, doi:10.1162/neco.1995.7.1.108).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import nn

from technopro.features.views import LEVELS, Views
from technopro.seeding.head import HeadPlan, Heads, fit_heads, restore_heads
from technopro.seeding.seed import Material, on_finest_grid, under

HIDDEN = 64
READ = tuple(LEVELS)[:3]
AND = "+"  # joins the names of levels in the name of an array


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


PERCEPTRON = HeadPlan(build_head, noise=0.6)  # the features' unit is their standard deviation


@dataclass(frozen=True)
class DrawnSeed:
    """Learn from tonight's images with defects drawn onto them."""

    name: str = "drawn"

    def fit(self, material: Material, seed: int) -> FittedDrawn:
        heads = fit_heads(material, partial(position_vectors, READ), PERCEPTRON, seed)
        return FittedDrawn(heads, READ)

    def restore(self, tensors: dict[str, np.ndarray]) -> FittedDrawn:
        reads = next(iter(tensors), "0").split(".")[0]
        if reads.isdigit():  # the number of a fold: an older model, whose heads read all levels
            return FittedDrawn(restore_heads(build_head, tensors), tuple(LEVELS))
        heads = restore_heads(build_head, under(f"{reads}.", tensors))
        return FittedDrawn(heads, tuple(reads.split(AND)))


@dataclass(frozen=True)
class FittedDrawn:
    """The trained heads."""

    heads: Heads
    reads: Sequence[str]  # levels, the finest first

    def maps(self, view: Views) -> dict[str, torch.Tensor]:
        return {"drawn": self.heads.logits(position_vectors(self.reads, view), view.folds)}

    def tensors(self) -> dict[str, np.ndarray]:
        return {f"{AND.join(self.reads)}.{k}": v for k, v in self.heads.tensors().items()}


def position_vectors(levels: Sequence[str], view: Views) -> torch.Tensor:
    """Join levels on the finest grid: (B, h, w, d)."""
    return torch.cat([on_finest_grid(view.maps[level], view) for level in levels], 3)
