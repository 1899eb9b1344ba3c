"""What runs the frozen backbone: OpenVINO on a CPU, torch on everything else.

OpenVINO fuses each convolution with its normalisation and activation, and so is about three times
as fast as torch on the packaged backbone, on the same cores and in the same precision.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from technopro.features.converted import Kept, converted
from technopro.features.device import mixed
from technopro.features.openvino import import_openvino

AT_ONCE = 2**23  # pixels on a GPU, and …
AT_ONCE_ON_CPU = 2**19  # … on a CPU, whose caches like few
KEPT = 2  # compiled shapes: one to tell patterns apart, one of the pattern at work
Run = Callable[[torch.Tensor], list[torch.Tensor]]  # (B, 3, H, W) to (B, C, h, w) a stage


def open_engine(
    network: nn.Module,
    device: torch.device,
    precision: torch.dtype,
    kept: Kept | None = None,
    *,
    compiles: bool = False,
) -> Run:
    """Return what computes the stages of `network`: float32 in, float32 out, on `device`.

    What a CPU runs is converted first, or found where conversions are `kept`; what another device
    runs is compiled by torch where `compiles` says so.
    """
    if device.type == "cpu":
        return _OpenVino(network, precision, kept)
    return _Torch(network, device, precision, compiles)


def by_torch(network: nn.Module, *, compiles: bool = False) -> Run:
    """Return the network as torch runs it on a CPU in 32 bits: what others are held to."""
    return _Torch(network, torch.device("cpu"), torch.float32, compiles)


def at_once(shape: tuple[int, int], device: torch.device) -> int:
    """Return how many images of (height, width) are best computed together.

    A power of two, so that a chunk of images leaves no batch to be filled up.
    """
    pixels = AT_ONCE_ON_CPU if device.type == "cpu" else AT_ONCE
    most = max(1, pixels // (shape[0] * shape[1]))
    return 1 << (most.bit_length() - 1)


class _Torch:
    """The network as it is or compiled, in mixed precision where the hardware has it."""

    def __init__(
        self, network: nn.Module, device: torch.device, precision: torch.dtype, compiles: bool
    ) -> None:
        self._network = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        if compiles:
            self._network.compile()
        self._device, self._precision = device, precision

    @torch.inference_mode()
    def __call__(self, x: torch.Tensor) -> list[torch.Tensor]:
        with mixed(self._device, self._precision):
            stages = self._network(x.to(self._device, memory_format=torch.channels_last))
        return [stage.float() for stage in stages]


class _OpenVino:
    """The network compiled for the shapes it met last.

    A batch is filled up to the size compiled for, so that an image's features do not depend on how
    many others came with it.
    """

    def __init__(self, network: nn.Module, precision: torch.dtype, kept: Kept | None) -> None:
        self._network, self._kept = network, kept
        self._precision = "bf16" if precision == torch.bfloat16 else "f32"
        self._compiled: dict[tuple[int, ...], Any] = {}

    def __call__(self, x: torch.Tensor) -> list[torch.Tensor]:
        size = at_once((x.shape[2], x.shape[3]), x.device)
        missing = size - len(x)
        if missing < 0:
            raise ValueError(
                f"expected at most {size} images of {tuple(x.shape[2:])}, found {len(x)}"
            )
        full = F.pad(x, (0, 0, 0, 0, 0, 0, 0, missing)).contiguous()
        stages = self._model(full)(full.numpy())
        return [torch.from_numpy(np.array(stage[: len(x)])) for stage in stages.values()]

    def _model(self, full: torch.Tensor) -> Any:  # noqa: ANN401
        shape = tuple(full.shape)
        self._compiled[shape] = self._compiled.pop(shape, None) or self._compile(full)
        for oldest in list(self._compiled)[:-KEPT]:
            del self._compiled[oldest]
        return self._compiled[shape]

    def _compile(self, example: torch.Tensor) -> Any:  # noqa: ANN401 — OpenVINO carries no types
        hints = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": self._precision,
            "INFERENCE_NUM_THREADS": torch.get_num_threads(),
        }
        model = converted(self._network, example, self._kept)
        return import_openvino().Core().compile_model(model, "CPU", hints)
