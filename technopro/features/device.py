"""Where tensors lie: everything that is asked of an image's features runs where they are.

A CPU holds what is small and steers: folds, masks and random draws, so that chance is the same on
every device. Copies to a GPU start from pinned memory, so that nobody waits for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast

import torch
from torch import nn

T = TypeVar("T")


def uploaded(tensor: torch.Tensor, device: torch.device) -> torch.Tensor:
    """Return a CPU tensor on the device."""
    if device.type != "cuda":
        return tensor.to(device)
    return tensor.pin_memory().to(device, non_blocking=True)


def moved(thing: T, device: torch.device) -> T:
    """Return dataclasses, mappings and sequences with all that computes in them on the device."""
    return cast("T", _moved(thing, device))


def _moved(thing: Any, device: torch.device) -> Any:  # noqa: ANN401
    if isinstance(thing, torch.Tensor | nn.Module):
        return thing.to(device)
    if is_dataclass(thing) and not isinstance(thing, type):
        own = {field.name: getattr(thing, field.name) for field in fields(thing)}
        return replace(thing, **{name: _moved(value, device) for name, value in own.items()})
    if isinstance(thing, Mapping):
        return {name: _moved(value, device) for name, value in thing.items()}
    if isinstance(thing, tuple | list):
        return type(thing)(_moved(value, device) for value in thing)
    return thing


def mixed(device: torch.device, precision: torch.dtype) -> AbstractContextManager[object]:
    """Compute in mixed `precision` for a while; in float32 as ever."""
    if precision == torch.float32:
        return nullcontext()
    return torch.autocast(device.type, precision)


@contextmanager
def seeded(seed: int, device: torch.device) -> Iterator[None]:
    """Let torch draw from `seed` for a while, and afterwards as if nothing had been drawn."""
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        yield
