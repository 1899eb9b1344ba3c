"""A device that is not the CPU, for machines without one.

Its tensors hold their values on the CPU, but say that they lie elsewhere, and are as strict as a
GPU's: an operation on tensors of both places fails, and so does reading one without bringing it
back. What runs here runs on any device; whether it runs fast, or in few bits, is not told.
"""

from __future__ import annotations

# ruff: noqa: ANN401 - torch hands over whatever there is
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map

ELSEWHERE = torch.device("meta")  # the one kind of device that torch accepts without a driver
COPIES = ("copy_", "_to_copy")
INDEXED = {"index": (0,), "index_put_": (0, 2), "index_put": (0, 2), "_index_put_impl_": (0, 2)}


class Far(torch.Tensor):
    """Values on the CPU that say they lie elsewhere."""

    held: torch.Tensor

    @staticmethod
    def __new__(cls: type[Far], held: torch.Tensor) -> Far:
        with torch.inference_mode(False):  # whose tensors no subclass can wrap
            far = torch.Tensor._make_wrapper_subclass(
                cls,
                held.shape,
                strides=held.stride(),
                storage_offset=held.storage_offset(),
                dtype=held.dtype,
                device=ELSEWHERE,
                requires_grad=held.requires_grad,
            )
        far.held = held
        return far  # type: ignore[no-any-return]

    @classmethod
    def __torch_dispatch__(
        cls, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        return _run(func, args, kwargs or {})


class _Mode(TorchDispatchMode):
    """Catches what is made elsewhere from nothing, or brought there."""

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        return _run(func, args, kwargs or {})


def _run(func: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    tensors = [x for x in tree_flatten((args, kwargs))[0] if isinstance(x, torch.Tensor)]
    far = any(isinstance(x, Far) for x in tensors)
    name = func.overloadpacket.__name__
    if name not in COPIES:
        _together(name, args, tensors)
    goes = kwargs.get("device")
    target = far if goes is None else torch.device(goes).type == ELSEWHERE.type
    if goes is not None:
        kwargs = {**kwargs, "device": "cpu"}
    own_args, own_kwargs = tree_map(lambda x: x.held if isinstance(x, Far) else x, (args, kwargs))
    out = func(*own_args, **own_kwargs)
    if func._schema.is_mutable and isinstance(args[0], torch.Tensor):
        return args[0]
    return tree_map(lambda x: Far(x) if target and isinstance(x, torch.Tensor) else x, out)


def _together(name: str, args: Sequence[Any], tensors: list[torch.Tensor]) -> None:
    """Raise where values lie on several devices; indices and numbers may lie on the CPU."""
    if name in INDEXED:
        values = [args[i] for i in INDEXED[name]]
        tensors = values + [x for x in tensors if isinstance(x, Far)]
    places = {isinstance(x, Far) for x in tensors if x.ndim}
    if len(places) > 1:
        raise RuntimeError(f"{name}: expected all tensors on one device, found some elsewhere")


@contextmanager
def elsewhere() -> Iterator[torch.device]:
    """Have that device for a while."""
    swap = torch.__future__.get_swap_module_params_on_conversion()
    torch.__future__.set_swap_module_params_on_conversion(True)
    try:
        with _Mode():
            yield ELSEWHERE
    finally:
        torch.__future__.set_swap_module_params_on_conversion(swap)
