"""A learned pattern as one network: from an image and its features to its evidence.

The same arithmetic as `FittedPattern.evidence`, laid out for a compiler: one image, one fold, no
branches. What a fit keeps by fold is chosen beforehand, whitenings and Gaussians become
convolutions of one position, what is cut by region a table of positions, and what resizes a picture
two matrices. The backbone stays a network of its own: all patterns share it, and it bears half
precision, which distances do not.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from technopro.export.gaussians import GaussianMaps, Shape, on_grid, rounded
from technopro.features.extract import normalisation
from technopro.features.views import FINEST, LEVELS, MOST, PICTURE, Whitening, mean_and_spread
from technopro.learner.fitted import FittedPattern
from technopro.pseudolabel.swin import MEAN, STD, map_input
from technopro.seeding.autoencoder import SIDE, FittedAutoencoder, reconstruction_error
from technopro.seeding.bank import FUSED, FittedBank
from technopro.seeding.combine import Combination
from technopro.seeding.drawn import FittedDrawn
from technopro.seeding.places import PLACES
from technopro.seeding.seed import worst_positions

Named = dict[str, torch.Tensor]


class Normalised(nn.Module):
    """The backbone, with its normalisation: (1, 3, H, W) float32, 0 to 255, to all stages."""

    mean: torch.Tensor
    deviation: torch.Tensor

    def __init__(self, backbone: nn.Module, name: str) -> None:
        super().__init__()
        self.backbone = backbone
        mean, deviation = normalisation(name)
        self.register_buffer("mean", mean * 255.0)
        self.register_buffer("deviation", deviation * 255.0)

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return tuple(self.backbone((pixels - self.mean) / self.deviation))


class Judge(nn.Module):
    """(1, 3, H, W) pixels and their stages, (1, C, h, w) each, to (1,) evidence.

    Exported, its inputs are called `pixels` and `stages_0`, `stages_1` …, see `technopro.edge`.
    """

    def __init__(self, fitted: FittedPattern, fold: int) -> None:
        super().__init__()
        seeds = fitted.seeds
        bank, drawn, autoencoder = seeds["gaussian"], seeds["drawn"], seeds["autoencoder"]
        assert isinstance(bank, FittedBank)  # noqa: S101
        assert isinstance(drawn, FittedDrawn)  # noqa: S101
        assert isinstance(autoencoder, FittedAutoencoder)  # noqa: S101
        self.whiten = nn.ModuleDict({n: _Whiten(w) for n, w in fitted.lens.levels.items()})
        self.whiten_pooled = _Whiten(fitted.lens.pooled)
        grid = (fitted.shape[0] // LEVELS[FINEST], fitted.shape[1] // LEVELS[FINEST])
        asks_swin = fitted.blend.weights.get("swin", 0) > 0
        self.swin = fitted.swins.networks[fold] if asks_swin else None
        self.reads = fitted.swins.recipe["reads"]
        reads_maps = asks_swin and self.reads != "pixels"
        asked = sorted({*bank.spread, *(["gaussian"] if reads_maps else [])})
        self.rulers = nn.ModuleDict(
            {k: GaussianMaps(bank.rulers[k], fold, fitted.shape, grid) for k in asked}
        )
        self.kinds = list(bank.spread)
        for kind, spread in bank.spread.items():
            self.register_buffer(f"{kind}_spread", spread[fold].clone())
        self.heads = nn.ModuleDict({n: own.networks[fold] for n, own in bank.heads.items()})
        self.drawn, self.drawn_reads = drawn.heads.networks[fold], drawn.reads
        self.picture = _Picture(fitted.shape)
        self.autoencoder = autoencoder.networks[fold]
        self.grid, self.places, self.blend = grid, fitted.places, fitted.blend

    def forward(self, pixels: torch.Tensor, *stages: torch.Tensor) -> torch.Tensor:
        strides = [round(pixels.shape[3] / stage.shape[3]) for stage in stages]
        levels = {}
        for name, stride in LEVELS.items():
            stage = stages[strides.index(stride)]
            if stage.shape[3] > self.grid[1]:
                stage = F.avg_pool2d(stage, stage.shape[3] // self.grid[1])
            levels[name] = rounded(self.whiten[name](stage).clamp(-MOST, MOST))
        pooled = torch.cat([moment for stage in stages for moment in mean_and_spread(stage)], 1)
        whitened = self.whiten_pooled(pooled[:, :, None, None])
        distances = {kind: ruler(levels, whitened) for kind, ruler in self.rulers.items()}
        picture = self.picture(pixels)
        maps = self._maps(levels, distances, picture)
        if self.places is not None:
            maps[PLACES] = self.places(maps)
        heard = (name for name, weight in self.blend.weights.items() if weight > 0)
        opinions = {name: worst_positions(maps[name]) for name in heard if name in maps}
        if self.swin is not None:
            opinions["swin"] = self.swin(self._swin_input(distances, picture))[:, 0]
        return _blended(opinions, self.blend)

    def _maps(
        self, levels: Named, distances: Named, picture: torch.Tensor
    ) -> dict[str, torch.Tensor]:
        """Return every seed's map, (1, h, w), by name; `distances` are (1, M, h, w) by kind."""
        error = reconstruction_error(self.autoencoder, self.picture.small(picture))
        maps = {"drawn": _of_head(self.drawn, self._joined(levels)), "autoencoder": error.log()}
        for kind in self.kinds:
            maps[kind] = distances[kind].mean(1) / self.get_buffer(f"{kind}_spread")
            if kind in self.heads:
                maps[FUSED[kind]] = _of_head(self.heads[kind], distances[kind])
        return maps

    def _joined(self, levels: Named) -> torch.Tensor:
        return torch.cat([on_grid(levels[name], self.grid) for name in self.drawn_reads], 1)

    def _swin_input(self, distances: Named, picture: torch.Tensor) -> torch.Tensor:
        if self.reads == "pixels":
            return rounded(picture.div(255.0).sub(MEAN).div(STD))
        return rounded(map_input(distances["gaussian"].permute(0, 2, 3, 1)))


class _Whiten(nn.Module):
    """A whitening as a convolution of one position."""

    weight: torch.Tensor
    bias: torch.Tensor

    def __init__(self, whitening: Whitening) -> None:
        super().__init__()
        weight = whitening.basis.double() / whitening.scale.double()[:, None]  # (C, d)
        self.register_buffer("weight", weight.T[:, :, None, None].float())
        self.register_buffer("bias", -(whitening.mean.double() @ weight).float())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.conv2d(x, self.weight, self.bias)


class _Picture(nn.Module):
    """The small picture, as `features.views` makes it, and the autoencoder's thumbnail of it."""

    down: torch.Tensor
    across: torch.Tensor
    smaller: torch.Tensor

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        for name, side in zip(("down", "across"), shape, strict=True):
            self.register_buffer(name, resizing(side, PICTURE, "bilinear"))
        self.register_buffer("smaller", resizing(PICTURE, SIDE, "area"))

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """(1, 3, H, W) to (1, 3, 224, 224), whole numbers of 0 to 255."""
        return (self.down @ pixels @ self.across.T).round().clamp(0.0, 255.0)

    def small(self, picture: torch.Tensor) -> torch.Tensor:
        """(1, 3, 224, 224) to (1, 3, 64, 64), 0 to 1."""
        return self.smaller @ (picture / 255.0) @ self.smaller.T


def resizing(before: int, after: int, mode: str) -> torch.Tensor:
    """Return the (after, before) matrix by which a side is resized."""
    identity = torch.eye(before)[None, None]
    return F.interpolate(identity, (after, before), mode=mode, antialias=mode == "bilinear")[0, 0]


def _of_head(head: nn.Module, vectors: torch.Tensor) -> torch.Tensor:
    """(1, d, h, w) to the mean logit of each neighbourhood, (1, h, w); see `seeding.head`."""
    logits = head(vectors.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
    return F.avg_pool2d(logits, 3, 1, 1)[:, 0]


def _blended(opinions: dict[str, torch.Tensor], blend: Combination) -> torch.Tensor:
    parts = [
        weight * (opinions[name] - blend.scales[name].middle) / blend.scales[name].spread
        for name, weight in blend.weights.items()
        if weight > 0
    ]
    return (torch.stack(parts).sum(0) - blend.scale.middle) / blend.scale.spread
