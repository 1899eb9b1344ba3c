"""What the seeds and the Swin look at: pooled vector, one reduced map a stride, a small picture.

Levels are named by the backbone's stride; stride 4 is averaged onto the grid of stride 8. Each
level is whitened by a principal component analysis fitted on a sample of the pattern.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch.nn import functional as F

from technopro.features.engine import at_once
from technopro.features.extract import Extractor, batches

LEVELS = {"s4": 4, "s8": 8, "s16": 16, "s32": 32}  # name -> stride, finest first
FINEST = "s8"  # the grid on which levels are joined
DIMENSIONS = {"s4": 24, "s8": 40, "s16": 96, "s32": 96, "pooled": 64}
PICTURE = 224  # side of the small picture, pixels
SAMPLE_VECTORS = 60_000
MOST = 6e4  # half precision ends at 65,504; a foreign image is odd enough without infinity


@dataclass(frozen=True)
class Raw:
    """Unreduced features of B images, on the device that computed them."""

    pooled: torch.Tensor  # (B, C): mean and spread of every channel of every stage
    levels: dict[str, torch.Tensor]  # (B, h, w, C)
    picture: torch.Tensor  # (B, 224, 224, 3) uint8

    def single(self) -> Iterator[Raw]:
        """Yield the features of each image."""
        for i in range(len(self.pooled)):
            levels = {name: maps[i : i + 1] for name, maps in self.levels.items()}
            yield Raw(self.pooled[i : i + 1], levels, self.picture[i : i + 1])


@dataclass(frozen=True)
class Views:
    """Reduced features of B images, on the device where seeds ask them; `folds` on the CPU."""

    pooled: torch.Tensor  # (B, d) float32
    maps: Mapping[str, torch.Tensor]  # (B, h, w, d) float32, rounded to half precision
    picture: torch.Tensor  # (B, 224, 224, 3) uint8
    folds: torch.Tensor  # (B,) int64

    def __len__(self) -> int:
        return len(self.folds)

    @cached_property
    def grid(self) -> tuple[int, int]:
        """Height and width of the finest maps, which may have to be read for it."""
        h, w = self.maps[FINEST].shape[1:3]
        return h, w


def look(extractor: Extractor, images: np.ndarray) -> Raw:
    """Return the raw features of (B, H, W, 3) uint8 images, a few of them at a time."""
    few = at_once((images.shape[1], images.shape[2]), extractor.device)
    return join([_look(extractor, images[part]) for part in batches(len(images), few)])


def join(parts: Sequence[Raw]) -> Raw:
    """Return the features of all parts' images, in order."""
    return Raw(
        torch.cat([p.pooled for p in parts]),
        {name: torch.cat([p.levels[name] for p in parts]) for name in LEVELS},
        torch.cat([p.picture for p in parts]),
    )


def _look(extractor: Extractor, images: np.ndarray) -> Raw:
    stages = extractor.stages(images)
    strides = [round(images.shape[2] / s.shape[-1]) for s in stages]
    spread = [torch.cat(mean_and_spread(s), 1) for s in stages]
    pixels = extractor.upload(images).permute(0, 3, 1, 2).float()
    picture = F.interpolate(pixels, (PICTURE, PICTURE), mode="bilinear", antialias=True)
    return Raw(
        torch.cat(spread, 1),
        {name: _level(stages[strides.index(stride)], images) for name, stride in LEVELS.items()},
        picture.round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous(),
    )


def mean_and_spread(stage: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """(B, C, h, w) to twice (B, C); half the time of `std`, and exact enough in float32."""
    mean = stage.mean((2, 3))
    return mean, (stage.square().mean((2, 3)) - mean.square()).clamp_min(0.0).sqrt()


def _level(stage: torch.Tensor, images: np.ndarray) -> torch.Tensor:
    """(B, C, h, w) to (B, h, w, C), no finer than the finest grid."""
    h, w = (side // LEVELS[FINEST] for side in images.shape[1:3])
    if stage.shape[-1] > w:
        stage = F.adaptive_avg_pool2d(stage, (h, w))
    return stage.permute(0, 2, 3, 1).contiguous()  # as it is when it was kept


@dataclass(frozen=True)
class Whitening:
    """x -> (x - mean) / scale @ basis: standardised principal components of unit variance."""

    mean: torch.Tensor  # (C,)
    scale: torch.Tensor  # (C,)
    basis: torch.Tensor  # (C, d)

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        return ((x - self.mean) / self.scale) @ self.basis


def fit_whitening(x: torch.Tensor, dimensions: int, generator: torch.Generator) -> Whitening:
    """Fit on a sample of the (N, C) vectors; keeps at most `dimensions` components."""
    if len(x) > SAMPLE_VECTORS:
        x = x[torch.randperm(len(x), generator=generator)[:SAMPLE_VECTORS].to(x.device)]
    mean, scale = x.mean(0), x.std(0, correction=0).clamp_min(1e-6)
    z = (x - mean) / scale
    values, vectors = torch.linalg.eigh(z.T @ z / len(z))
    keep = min(dimensions, x.shape[1])
    return Whitening(mean, scale, vectors[:, -keep:] / values[-keep:].clamp_min(1e-4).sqrt())


@dataclass(frozen=True)
class Lens:
    """The whitenings of one pattern: turns raw features into views."""

    levels: dict[str, Whitening]
    pooled: Whitening

    def views(self, raw: Raw, folds: torch.Tensor) -> Views:
        maps = {n: whiten(raw.levels[n]).clamp(-MOST, MOST) for n, whiten in self.levels.items()}
        rounded = {name: values.half().float() for name, values in maps.items()}
        return Views(self.pooled(raw.pooled), rounded, raw.picture, folds)

    def tensors(self) -> dict[str, np.ndarray]:
        """Return the arrays from which `restore_lens` makes the lens again."""
        parts = {**self.levels, "pooled": self.pooled}
        return {
            f"{name}.{key}": value.cpu().numpy()
            for name, part in parts.items()
            for key, value in vars(part).items()
        }


def fit_lens(raw: Raw, seed: int) -> Lens:
    """Fit every whitening on the raw features of a sample of one pattern's images."""
    generator = torch.Generator().manual_seed(seed)
    count = len(raw.pooled)
    levels = {
        name: fit_whitening(maps.flatten(0, 2), DIMENSIONS[name], generator)
        for name, maps in raw.levels.items()
    }
    few = max(2, min(DIMENSIONS["pooled"], count // 3))
    return Lens(levels, fit_whitening(raw.pooled, few, generator))


def restore_lens(tensors: dict[str, np.ndarray]) -> Lens:
    """Return the lens from what `Lens.tensors` gave."""

    def part(name: str) -> Whitening:
        keys = ("mean", "scale", "basis")
        return Whitening(*(torch.from_numpy(tensors[f"{name}.{k}"]) for k in keys))

    return Lens({name: part(name) for name in LEVELS}, part("pooled"))
