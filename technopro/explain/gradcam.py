"""Grad-CAM for timm's Swin with one logit: where in the picture the score comes from.

With A_k the activations of channel k and y the logit, Grad-CAM (Selvaraju et al., ICCV 2017,
equations 1 and 2) is

    map = ReLU( sum over k of mean(dy / dA_k) * A_k )        `averaged=True`

and HiResCAM (Draelos & Carin 2020, arXiv:2011.08891) leaves the mean over positions out:

    map = ReLU( sum over k of dy / dA_k * A_k )              the default

Two things differ from the common recipe (averaged, last block's `norm2`), because that recipe was
at chance here. The window of a Swin's last stage is its whole grid, so after one attention every
position knows of the defect and the place is lost; and the logit depends on single positions, which
the mean hides. Measured on a 28 x 28 Swin of two stages, 10 trainings, share of hottest positions
that touch a 4 x 4 defect: last `norm2` averaged 0.16, first `norm1` of the stage averaged 0.60,
first `norm1` with HiResCAM 0.98.

Channels are the last axis in Swin: timm's blocks hand on (B, h, w, C), and (B, h * w, C) inside.

A Swin that reads distance maps needs no inner layer: its input channels are already maps of what is
odd, so `gradcam_of_maps` asks equation 1 which of them the network believes. Measured on ten drawn
surfaces, 150 defects: hottest position on or close to the defect in 115, for HiResCAM inside in 60.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from technopro.errors import TechnoproError
from technopro.explain.heat import decode_heat, encode_heat

__all__ = ["decode_heat", "encode_heat", "gradcam", "gradcam_of_maps", "target_stage"]

LEAST_SIDE = 7  # positions; 4 x 4 would mark a sixteenth of the picture at best


def gradcam(network: nn.Module, x: Tensor, *, averaged: bool = False) -> np.ndarray:
    """Return one map an image, (B, h, w) float32 in 0..1, the hottest position of each being 1.

    A map without any evidence for a defect is all zeros.

    `x` is what the network reads: (B, C, S, S). Raises TechnoproError unless the network is one of
    timm's Swins with one logit. Leaves the network's mode, gradients and hooks as they were.
    """
    stage = target_stage(network)
    height, width = stage.output_resolution
    if len(x) == 0:
        return np.zeros((0, height, width), np.float32)
    activations, gradients = _slope(network, x, stage.blocks[0].norm1)
    if averaged:
        gradients = gradients.mean(dim=tuple(range(1, gradients.ndim - 1)), keepdim=True)
    maps = torch.relu((gradients * activations).sum(dim=-1)).float()
    maps = maps.reshape(-1, height, width)
    return _peak_is_one(maps).cpu().numpy()


def gradcam_of_maps(network: nn.Module, x: Tensor) -> np.ndarray:
    """Return one map an image, (B, S, S) float32 in 0..1, for a network that reads distance maps.

    Each input channel counts by its mean gradient, if positive: a distance that would speak for a
    good part is left out. Distances are taken from their median over the image.

    `x` is what the network reads: (B, C, S, S). Raises as `gradcam` does.
    """
    target_stage(network)
    if len(x) == 0:
        return np.zeros((0, *x.shape[2:]), np.float32)
    inputs, gradients = _slope(network, x)
    weights = torch.relu(gradients.mean(dim=(2, 3), keepdim=True))
    middle = inputs.flatten(2).median(dim=2).values[..., None, None]
    return _peak_is_one(torch.relu((weights * (inputs - middle)).sum(dim=1))).cpu().numpy()


def target_stage(network: nn.Module) -> Any:  # noqa: ANN401 — timm's stages carry no types
    """Return the deepest stage of at least 7 x 7 positions; its first block's `norm1` is read.

    Deeper layers know best what a defect is, shallower ones where it is. Swin-T ends at 7 x 7; a
    Swin for small inputs may end at 4 x 4, where one position covers far more than a scratch. The
    first `norm1` is what the stage's attention reads before it mixes the positions.
    """
    stages = getattr(network, "layers", None)
    if stages is None or not all(hasattr(stage, "output_resolution") for stage in stages):
        raise TechnoproError(
            f"Grad-CAM expects one of timm's Swin Transformers, found {type(network).__name__}; "
            "give the network that scored the image."
        )
    fine = [s for s in stages if min(s.output_resolution) >= LEAST_SIDE]
    return (fine or stages[:1])[-1]


def _slope(network: nn.Module, x: Tensor, layer: nn.Module | None = None) -> tuple[Tensor, Tensor]:
    """Return the output of `layer`, or else `x` itself, and the logit's gradient there."""
    with _evaluating(network), torch.inference_mode(False), torch.enable_grad():
        kept = [x.detach().clone().requires_grad_()]
        hook = layer and layer.register_forward_hook(lambda _m, _i, output: kept.append(output))
        try:
            logits: Tensor = network(kept[0])
        finally:
            if hook:
                hook.remove()
        if logits.numel() != len(x):
            raise TechnoproError(
                f"Grad-CAM expects one logit an image, found shape {tuple(logits.shape)} for "
                f"{len(x)} images; build the network with num_classes=1."
            )
        (gradients,) = torch.autograd.grad(logits.sum(), kept[-1])  # images do not mix
    return kept[-1].detach(), gradients


def _peak_is_one(maps: Tensor) -> Tensor:
    """Scale each map by its own maximum; a map of zeros stays one."""
    peaks = maps.amax(dim=(1, 2), keepdim=True)
    return torch.where(peaks > 0, maps / peaks.clamp_min(torch.finfo(maps.dtype).tiny), 0.0)


@contextmanager
def _evaluating(network: nn.Module) -> Iterator[None]:
    """Switch dropout off for a while; every module gets its own mode back."""
    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training
