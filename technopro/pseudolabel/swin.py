"""The Swin Transformer, in the two forms that fit the two kinds of machine.

`small` is a Swin on the distance maps of the Gaussian seeds, so that a CPU trains it in seconds,
its heat map points at what is odd, and a small defect is not lost in a thumbnail. `pixels` is
Swin-T on 224-pixel pictures, for CUDA, from given ImageNet weights. Both are timm's and give one
logit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import nn
from torch.nn import functional as F

from technopro.features.light import SwinTransformer, timm
from technopro.features.views import PICTURE, Views
from technopro.features.weights import has_weights, load_network
from technopro.seeding.bank import MAPS
from technopro.seeding.seed import worst_positions

SWIN_T = "swin_tiny_patch4_window7_224"
PUBLISHED = "hub"  # weights as timm publishes them
PACKAGED = "packaged"  # the small Swin, trained by scripts/pretrain_swin.py
CHECKPOINT = Path(__file__).with_name("swin_small.safetensors")
GRID = 32  # positions a side of the small Swin's input
PARTS = 4  # a side, of which the odder half can be healed
MEAN, STD = 0.45, 0.225  # ImageNet's, averaged over the channels
NOT_SHAPE = ("name", "reads", "init", "init_sha256")
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
        "reads": "distances",
        "init": PACKAGED,
        "init_sha256": hashlib.sha256(CHECKPOINT.read_bytes()).hexdigest(),
        "img_size": GRID,
        "patch_size": 2,
        "in_chans": MAPS,
        "embed_dim": 64,
        "depths": [2, 2],
        "num_heads": [2, 4],
        "window_size": 8,
        "global_pool": "avgmax",  # a defect in one place is not averaged away
    }


def initial_swin(recipe: Recipe, endpoint_url: str | None = None) -> nn.Module:
    """Return the Swin to start from: the recipe's weights, or torch's generator as it stands.

    Without a hub the small Swin starts from what all textures share, see scripts/pretrain_swin.py.
    """
    network = build_swin(recipe)
    if recipe["init"] == "random":
        return network
    if recipe["init"] == PACKAGED:
        state = safetensors.torch.load_file(CHECKPOINT)
        network.load_state_dict(
            {k: v.float() if v.is_floating_point() else v for k, v in state.items()}
        )
        return network
    given = None if recipe["init"] == PUBLISHED else recipe["init"]
    pretrained, _ = load_network(recipe["name"], given, endpoint_url=endpoint_url)
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
    shape = {k: v for k, v in recipe.items() if k not in NOT_SHAPE}
    return SeededSwin(num_classes=1, drop_rate=0.1, **shape)


class SeededSwin(SwinTransformer):
    """A Swin that corrects the seed: to its own logit it adds the worst of its mean input map.

    Its own starts at zero: untrained, it ranks nearly as the Gaussian seed does.
    """

    def __init__(self, **shape: Any) -> None:  # noqa: ANN401
        super().__init__(**shape)
        nn.init.zeros_(self.head.fc.weight)
        self.seed = nn.BatchNorm1d(1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        own: torch.Tensor = super().forward(x)
        seed: torch.Tensor = self.seed(worst_positions(x.mean(1))[:, None])
        return own + seed


def picture_input(views: Views) -> torch.Tensor:
    """Return normalised pictures: (B, 3, 224, 224) float32."""
    assert views.picture.shape[1] == PICTURE  # noqa: S101
    return views.picture.permute(0, 3, 1, 2).float().div(255.0).sub(MEAN).div(STD)


def map_input(maps: torch.Tensor) -> torch.Tensor:
    """Bring (B, h, w, C) distance maps to (B, C, 32, 32); of several positions the worst counts."""
    first = maps.permute(0, 3, 1, 2)
    height, width = (min(side, GRID) for side in first.shape[-2:])
    first = F.adaptive_max_pool2d(first, (height, width))
    return F.interpolate(first, (GRID, GRID), mode="bilinear", align_corners=False)


def healed(maps: torch.Tensor) -> torch.Tensor:
    """Make the odder half of each image usual, which is 0: (B, C, S, S) distance maps to the same.

    The halves are made of square parts, as in `better_half`.
    """
    parts = F.adaptive_max_pool2d(maps.mean(1, keepdim=True), (PARTS, PARTS))
    middle = parts.flatten(1).median(1).values[:, None, None, None]
    keep = F.interpolate((parts <= middle).float(), maps.shape[-2:], mode="nearest")
    return maps * keep
