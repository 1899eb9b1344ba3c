"""The drawn-defect seed: a small head that learned what drawn defects do to the features.

Drawn defects are unlimited and come with masks, so the head learns position by position: a
three-layer perceptron on the whitened fine and mid features, in the manner of DRAEM's
discriminative branch (Zavrtanik et al. 2021, arXiv:2108.07610) but on frozen features.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from technopro.features.views import Views
from technopro.seeding.gaussian import worst_neighbourhoods
from technopro.seeding.seed import FOLDS, Material

STEPS, BATCH, LEARNING_RATE, WEIGHT_DECAY, HIDDEN = 500, 2048, 2e-3, 1e-2, 64
COVERED = 0.25  # from this share on, a position counts as defective
CLEAN_VECTORS = 80_000


@dataclass(frozen=True)
class DrawnSeed:
    """Learn from tonight's images with defects drawn onto them."""

    name: str = "drawn"

    def fit(self, material: Material, seed: int) -> FittedDrawn:
        generator = torch.Generator().manual_seed(seed)
        clean, defective = _sample(material, generator)
        heads = [_train(clean[k], defective[k], seed + k, generator) for k in range(FOLDS)]
        return FittedDrawn(tuple(heads))

    def restore(self, tensors: dict[str, np.ndarray]) -> FittedDrawn:
        heads = []
        for fold in range(FOLDS):
            own = {
                key.removeprefix(f"{fold}."): torch.from_numpy(value)
                for key, value in tensors.items()
                if key.startswith(f"{fold}.")
            }
            head = build_head(own["0.weight"].shape[1])
            head.load_state_dict(own)
            heads.append(head.eval())
        return FittedDrawn(tuple(heads))


@dataclass(frozen=True)
class FittedDrawn:
    """One head a fold."""

    heads: tuple[nn.Module, ...]

    @torch.inference_mode()
    def score(self, view: Views) -> np.ndarray:
        """Return (B,): softplus of the logit of the worst neighbourhood."""
        vectors = position_vectors(view)
        scores = torch.empty(len(view))
        for fold, head in enumerate(self.heads):
            chosen = view.folds == fold
            if chosen.any():
                logits = worst_neighbourhoods(head(vectors[chosen])[..., 0])
                scores[chosen] = F.softplus(logits).clamp_min(1e-9)
        return scores.numpy()

    def tensors(self) -> dict[str, np.ndarray]:
        return {
            f"{fold}.{key}": value.numpy()
            for fold, head in enumerate(self.heads)
            for key, value in head.state_dict().items()
        }


def position_vectors(view: Views) -> torch.Tensor:
    """Join all levels on the fine grid: (B, h, w, d)."""
    fine = view.maps["fine"]
    mid = F.interpolate(
        view.maps["mid"].permute(0, 3, 1, 2), fine.shape[1:3], mode="bilinear", align_corners=False
    )
    return torch.cat([fine, mid.permute(0, 2, 3, 1)], 3)


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


def _sample(
    material: Material, generator: torch.Generator
) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """Return clean and defective vectors for each fold's head, from the other folds' images."""
    clean: list[list[torch.Tensor]] = [[] for _ in range(FOLDS)]
    defective: list[list[torch.Tensor]] = [[] for _ in range(FOLDS)]
    each = max(8, CLEAN_VECTORS // max(1, len(material.views) + len(material.drawn)))
    for view in material.views.chunks():
        vectors = position_vectors(view)
        for image, own in zip(vectors, view.folds.tolist(), strict=True):
            _give(clean, own, _some(image.flatten(0, 1), each, generator))
    done = 0
    for view in material.drawn.chunks():
        masks = torch.from_numpy(material.masks[done : done + len(view)])
        done += len(view)
        vectors = position_vectors(view)
        for image, mask, own in zip(vectors, masks, view.folds.tolist(), strict=True):
            _give(defective, own, image[mask > COVERED])
            _give(clean, own, _some(image[mask == 0], each, generator))
    return [torch.cat(c) for c in clean], [torch.cat(d) for d in defective]


def _give(folds: list[list[torch.Tensor]], own: int, vectors: torch.Tensor) -> None:
    for fold, collected in enumerate(folds):
        if fold != own:
            collected.append(vectors)


def _some(vectors: torch.Tensor, count: int, generator: torch.Generator) -> torch.Tensor:
    return vectors[torch.randperm(len(vectors), generator=generator)[:count]]


def _train(
    clean: torch.Tensor, defective: torch.Tensor, seed: int, generator: torch.Generator
) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        head = build_head(clean.shape[1])
        optimiser = torch.optim.AdamW(head.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS)
        labels = torch.cat([torch.ones(BATCH // 4), torch.zeros(BATCH - BATCH // 4)])
        for _ in range(STEPS):
            a = defective[torch.randint(len(defective), (BATCH // 4,), generator=generator)]
            b = clean[torch.randint(len(clean), (BATCH - BATCH // 4,), generator=generator)]
            loss = F.binary_cross_entropy_with_logits(head(torch.cat([a, b]))[:, 0], labels)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
    return head.eval().requires_grad_(False)
