"""Heads that learn, position by position, what a drawn defect looks like.

Drawn defects are unlimited and come with masks. A head is a small network from the vector of a
position to one logit; one a fold, each trained on the images of the other folds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from technopro.features.device import seeded
from technopro.features.views import Views
from technopro.fold import FOLDS
from technopro.seeding.pile import Pile
from technopro.seeding.seed import Material, under

COVERED = 0.1  # from this share on, a position counts as defective; a hair covers a sixth
OF_A_PICTURE = 60  # defective vectors at most, so that large defects teach less of the whole
CLEAN_VECTORS = 80_000
Vectors = Callable[[Views], torch.Tensor]  # (B, h, w, d), on the finest grid


@dataclass(frozen=True)
class HeadPlan:
    """How a head is built and trained."""

    build: Callable[[int], nn.Module]  # vector width -> (…, width) to (…, 1)
    steps: int = 500
    passes: int = 20  # over the clean vectors, at most
    batch: int = 2048  # a quarter of it defective
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    noise: float = 0.0  # added to the vectors while learning, of this standard deviation


@dataclass(frozen=True)
class Heads:
    """One trained head a fold."""

    networks: tuple[nn.Module, ...]

    @torch.inference_mode()
    def logits(self, vectors: torch.Tensor, folds: torch.Tensor) -> torch.Tensor:
        """Return the mean logit of each neighbourhood of (B, h, w, d) vectors: (B, h, w)."""
        logits = vectors.new_empty(vectors.shape[:3])
        for fold, head in enumerate(self.networks):
            chosen = folds == fold
            if chosen.any():
                logits[chosen] = head(vectors[chosen])[..., 0]
        return F.avg_pool2d(logits[:, None], 3, 1, 1)[:, 0]

    def tensors(self) -> dict[str, np.ndarray]:
        """Return the arrays from which `restore_heads` makes the heads again."""
        return {
            f"{fold}.{key}": value.cpu().numpy()
            for fold, head in enumerate(self.networks)
            for key, value in head.state_dict().items()
        }


def restore_heads(build: Callable[[int], nn.Module], tensors: Mapping[str, np.ndarray]) -> Heads:
    """Return the heads from what `Heads.tensors` gave."""
    heads = []
    for fold in range(FOLDS):
        own = {k: torch.from_numpy(v) for k, v in under(f"{fold}.", tensors).items()}
        head = build(next(own[k].shape[1] for k in sorted(own) if own[k].ndim == 2))
        head.load_state_dict(own)
        heads.append(head.eval().requires_grad_(False))
    return Heads(tuple(heads))


def fit_heads(material: Material, vectors: Vectors, plan: HeadPlan, seed: int) -> Heads:
    """Train one head a fold on kept images and on drawn defects of the other folds."""
    generator = torch.Generator().manual_seed(seed)
    clean, defective = _sample(material, vectors, generator)
    return Heads(
        tuple(_train(clean[k], defective[k], plan, seed + k, generator) for k in range(FOLDS))
    )


def _sample(
    material: Material, vectors: Vectors, generator: torch.Generator
) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """Return clean and defective vectors for each fold's head, from the other folds' images."""
    clean, defective = [[Pile() for _ in range(FOLDS)] for _ in range(2)]
    each = max(1, CLEAN_VECTORS // max(1, len(material.views) + len(material.drawn)))
    for view, keep in material.kept():
        for image, own in zip(vectors(view)[keep], view.folds[keep].tolist(), strict=True):
            _give(clean, own, _some(image.flatten(0, 1), each, generator))
    for view, masks, keep in material.altered():
        chosen = zip(vectors(view)[keep], masks[keep], view.folds[keep].tolist(), strict=True)
        for image, mask, own in chosen:
            _give(defective, own, _some(image[mask > COVERED], OF_A_PICTURE, generator))
            _give(clean, own, _some(image[mask == 0], each, generator))
    return [pile.vectors for pile in clean], [pile.vectors for pile in defective]


def _give(piles: Sequence[Pile], own: int, vectors: torch.Tensor) -> None:
    for fold, pile in enumerate(piles):
        if fold != own:
            pile.add(vectors)


def _some(vectors: torch.Tensor, count: int, generator: torch.Generator) -> torch.Tensor:
    return vectors[torch.randperm(len(vectors), generator=generator)[:count]]


def _train(
    clean: torch.Tensor,
    defective: torch.Tensor,
    plan: HeadPlan,
    seed: int,
    generator: torch.Generator,
) -> nn.Module:
    odd = plan.batch // 4
    even = plan.batch - odd
    steps = min(plan.steps, plan.passes * math.ceil(len(clean) / even)) if len(defective) else 0
    labels = torch.cat([clean.new_ones(odd), clean.new_zeros(even)])
    with seeded(seed, clean.device):
        head = plan.build(clean.shape[1]).to(clean.device)
        optimiser = torch.optim.AdamW(
            head.parameters(), plan.learning_rate, weight_decay=plan.weight_decay
        )
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, max(1, steps))
        for _ in range(steps):
            a = defective[torch.randint(len(defective), (odd,), generator=generator)]
            b = clean[torch.randint(len(clean), (even,), generator=generator)]
            vectors = torch.cat([a, b])
            if plan.noise:
                vectors = vectors + plan.noise * torch.randn_like(vectors)
            loss = F.binary_cross_entropy_with_logits(head(vectors)[:, 0], labels)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
    return head.eval().requires_grad_(False)
