"""Images in, stage maps of the frozen backbone out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import timm
import torch
from torch import nn

from technopro.features.weights import load_backbone
from technopro.results import Backbone

AT_ONCE = {"cpu": 2**20, "cuda": 2**23}  # pixels: what the caches of a CPU like best


@dataclass(frozen=True)
class Extractor:
    """A frozen backbone on one device, with the input statistics it was trained on."""

    network: nn.Module
    backbone: Backbone
    device: torch.device
    precision: torch.dtype

    @torch.inference_mode()
    def stages(self, images: np.ndarray) -> list[torch.Tensor]:
        """Return the maps of every stage, finest first: (B, C, h, w) float32 on the CPU.

        `images` is (B, H, W, 3) uint8, H and W multiples of 32.
        """
        few = max(1, AT_ONCE[self.device.type] // (images.shape[1] * images.shape[2]))
        parts = [self._stages(images[part]) for part in batches(len(images), few)]
        return [torch.cat(stage) for stage in zip(*parts, strict=True)]

    def _stages(self, images: np.ndarray) -> list[torch.Tensor]:
        x = self._normalise(torch.from_numpy(images).to(self.device))
        with torch.autocast(
            self.device.type, self.precision, enabled=self.precision != torch.float32
        ):
            maps = self.network(x)
        return [self._channels_first(m).float().cpu() for m in maps]

    def _normalise(self, images: torch.Tensor) -> torch.Tensor:
        config = timm.get_pretrained_cfg(self.backbone.name)
        mean, std = (
            torch.tensor(v, device=self.device).view(1, 3, 1, 1)
            for v in ((config.mean, config.std) if config else ((0.5,) * 3, (0.5,) * 3))
        )
        x = images.permute(0, 3, 1, 2).float().div(255.0).sub(mean).div(std)
        return x.contiguous(memory_format=torch.channels_last)

    def _channels_first(self, stage: torch.Tensor) -> torch.Tensor:
        """Turn the NHWC maps of window transformers into NCHW."""
        return stage.permute(0, 3, 1, 2) if "swin" in self.backbone.name else stage


def open_extractor(
    name: str, weights: str | None, device: torch.device, *, endpoint_url: str | None = None
) -> Extractor:
    """Load backbone `name` onto `device`, in bfloat16 where the hardware computes it natively."""
    network, backbone = load_backbone(name, weights, endpoint_url=endpoint_url)
    network = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return Extractor(network, backbone, device, native_precision(device))


def native_precision(device: torch.device) -> torch.dtype:
    """Return bfloat16 where it is fast, else float32."""
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    fast = torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return torch.bfloat16 if fast else torch.float32


def batches(count: int, size: int) -> Iterator[slice]:
    """Cut `count` items into slices of at most `size`."""
    return (slice(i, min(i + size, count)) for i in range(0, count, size))
