"""The Swin Transformer, in the two forms that fit the two kinds of machine.

`small` is a Swin on the whitened feature maps of the frozen backbone, so that a CPU trains it in
seconds and a small defect is not lost in a thumbnail. `pixels` is Swin-T on 224-pixel pictures,
for CUDA, from given ImageNet weights. Both are timm's and give one logit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import timm
import torch
from timm.models.swin_transformer import SwinTransformer
from torch import nn
from torch.nn import functional as F

from technopro.features.views import DIMENSIONS, LEVELS, PICTURE, Views
from technopro.features.weights import has_weights, load_network

SWIN_T = "swin_tiny_patch4_window7_224"
PUBLISHED = "hub"  # weights as timm publishes them
GRID = 32  # positions a side of the small Swin's input
MEAN, STD = 0.45, 0.225  # ImageNet's, averaged over the channels
Recipe = Mapping[str, Any]


def swin_recipe(device: torch.device, weights: str | None) -> dict[str, Any]:
    """Return which Swin is trained here, as JSON that `build_swin` understands.

    Swin-T where its weights are given, or on CUDA where the hub or its cache has them: from random
    weights it learns nothing of a night's few images.
    """
    if weights is not None or (device.type == "cuda" and has_weights(SWIN_T)):
        return {"name": SWIN_T, "reads": "pixels", "init": weights or PUBLISHED}
    return {
        "name": "swin_small",
        "reads": "features",
        "init": "random",
        "img_size": GRID,
        "patch_size": 2,
        "in_chans": sum(DIMENSIONS[level] for level in LEVELS),
        "embed_dim": 64,
        "depths": [2, 2],
        "num_heads": [2, 4],
        "window_size": 8,
    }


def initial_swin(recipe: Recipe, endpoint_url: str | None = None) -> nn.Module:
    """Return the Swin to start from: the recipe's weights, or torch's generator as it stands."""
    if recipe["init"] == "random":
        return build_swin(recipe)
    given = None if recipe["init"] == PUBLISHED else recipe["init"]
    pretrained, _ = load_network(recipe["name"], given, endpoint_url=endpoint_url)
    network = build_swin(recipe)
    state = {k: v for k, v in pretrained.state_dict().items() if not k.startswith("head.fc.")}
    network.load_state_dict(state, strict=False)  # all but the new logit
    return network


def build_swin(recipe: Recipe) -> nn.Module:
    """Return the recipe's architecture with one logit, to be filled with trained weights."""
    if recipe["name"] == SWIN_T:
        network: nn.Module = timm.create_model(
            SWIN_T, pretrained=False, num_classes=1, drop_rate=0.5
        )
        return network
    shape = {k: v for k, v in recipe.items() if k not in ("name", "reads", "init")}
    return SwinTransformer(num_classes=1, drop_rate=0.1, **shape)


def swin_input(recipe: Recipe, views: Views) -> torch.Tensor:
    """Return what the Swin reads of these images: (B, C, S, S) float32."""
    if recipe["reads"] == "pixels":
        assert views.picture.shape[1] == PICTURE  # noqa: S101
        return views.picture.permute(0, 3, 1, 2).float().div(255.0).sub(MEAN).div(STD)
    maps = [views.maps[level].permute(0, 3, 1, 2) for level in LEVELS]
    return torch.cat([_to_grid(m) for m in maps], 1)


def _to_grid(maps: torch.Tensor) -> torch.Tensor:
    """Average down or interpolate up to 32 x 32 positions."""
    if min(maps.shape[-2:]) >= GRID:
        return F.adaptive_avg_pool2d(maps, GRID)
    return F.interpolate(maps, (GRID, GRID), mode="bilinear", align_corners=False)
