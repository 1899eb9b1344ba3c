"""Images in, stage maps of the frozen backbone out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from technopro.features.converted import Kept
from technopro.features.device import uploaded
from technopro.features.engine import Run, at_once, open_engine
from technopro.features.light import timm
from technopro.features.weights import load_backbone
from technopro.results import Backbone


@dataclass(frozen=True)
class Extractor:
    """A frozen backbone on one device, with the input statistics it was trained on."""

    run: Run
    backbone: Backbone
    device: torch.device
    precision: torch.dtype

    def stages(self, images: np.ndarray) -> list[torch.Tensor]:
        """Return the maps of every stage, finest first: (B, C, h, w) float32 on the device.

        `images` is (B, H, W, 3) uint8, H and W multiples of 32.
        """
        few = at_once((images.shape[1], images.shape[2]), self.device)
        parts = [self._stages(images[part]) for part in batches(len(images), few)]
        return [torch.cat(stage) for stage in zip(*parts, strict=True)]

    def upload(self, images: np.ndarray) -> torch.Tensor:
        """Bring (B, H, W, 3) pixels to the device as bytes, a quarter of what floats would be."""
        return uploaded(torch.from_numpy(images), self.device)

    def _stages(self, images: np.ndarray) -> list[torch.Tensor]:
        return [self._channels_first(m) for m in self.run(self._normalise(images))]

    def _normalise(self, images: np.ndarray) -> torch.Tensor:
        mean, std = (part.to(self.device) for part in normalisation(self.backbone.name))
        return self.upload(images).permute(0, 3, 1, 2).float().div(255.0).sub(mean).div(std)

    def _channels_first(self, stage: torch.Tensor) -> torch.Tensor:
        """Turn the NHWC maps of window transformers into NCHW."""
        return stage.permute(0, 3, 1, 2) if "swin" in self.backbone.name else stage


def normalisation(name: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Return mean and deviation of the pixels (0 to 1) a backbone was trained on: (1, 3, 1, 1)."""
    config = timm.get_pretrained_cfg(name)
    mean, std = (config.mean, config.std) if config else ((0.5,) * 3, (0.5,) * 3)
    return torch.tensor(mean).view(1, 3, 1, 1), torch.tensor(std).view(1, 3, 1, 1)


def open_extractor(
    name: str,
    weights: str | None,
    device: torch.device,
    *,
    endpoint_url: str | None = None,
    cache: Path | None = None,
    compiles: bool = False,
) -> Extractor:
    """Load backbone `name` onto `device`, in bfloat16 where the hardware computes it natively.

    Conversions of the network are kept in the folder `cache`. With `compiles`, torch compiles it
    for a GPU.
    """
    network, backbone = load_backbone(name, weights, endpoint_url=endpoint_url)
    precision = native_precision(device)
    kept = Kept(cache, f"{name} {backbone.sha256} timm {timm.__version__}") if cache else None
    run = open_engine(network, device, precision, kept, compiles=compiles)
    return Extractor(run, backbone, device, precision)


def native_precision(device: torch.device) -> torch.dtype:
    """Return bfloat16 where it is fast, else float32."""
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    fast = torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return torch.bfloat16 if fast else torch.float32


def batches(count: int, size: int) -> Iterator[slice]:
    """Cut `count` items into slices of at most `size`."""
    return (slice(i, min(i + size, count)) for i in range(0, count, size))
