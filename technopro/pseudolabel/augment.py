"""Augmentation drawn for each image by itself: flips, quarter turns, Mixup."""

from __future__ import annotations

import torch


def turn_and_flip(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Return square (B, C, S, S) images, each under its own one of the eight symmetries."""
    draws = torch.randint(8, (len(images),), generator=generator).tolist()
    return torch.stack([_symmetry(i, d) for i, d in zip(images, draws, strict=True)])


def _symmetry(image: torch.Tensor, draw: int) -> torch.Tensor:
    turned = torch.rot90(image, draw % 4, (1, 2))
    return turned.flip(2) if draw >= 4 else turned


def mixup(
    images: torch.Tensor,
    labels: torch.Tensor,
    generator: torch.Generator,
    alpha: float = 0.5,
    probability: float = 0.5,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Mix each image, with its own chance and its own weight, with another of the batch.

    The weight is Beta(alpha, alpha) (Zhang et al. 2018, arXiv:1710.09412); labels (B,) mix alike.
    """
    count = len(images)
    weight = _beta(alpha, count, generator)
    weight[torch.rand(count, generator=generator) >= probability] = 1.0
    partner = torch.randperm(count, generator=generator)
    chosen = torch.nonzero(weight < 1)[:, 0]
    w = weight[chosen].to(images.device).view(-1, 1, 1, 1)
    mixed = images.clone()
    mixed[chosen] = torch.lerp(images[partner[chosen]], images[chosen], w)
    soft = weight.to(labels.device) * labels + (1 - weight.to(labels.device)) * labels[partner]
    return mixed, soft


def _beta(alpha: float, count: int, generator: torch.Generator) -> torch.Tensor:
    """Beta(alpha, alpha) for alpha <= 1 by Jöhnk's rejection, since torch takes no generator."""
    out = torch.empty(count)
    todo = torch.arange(count)
    while len(todo):
        u, v = torch.rand(2, len(todo), generator=generator).pow(1 / alpha)
        fits = (u + v <= 1) & (u + v > 0)
        out[todo[fits]] = (u / (u + v))[fits]
        todo = todo[~fits]
    return out
