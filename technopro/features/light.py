"""The one way to import timm: without torch's compiler, which takes a second and 150 MB to import.

torchvision asks the compiler at import whether it knows a device, and timm has it pass over a class
that we do not use. Nothing else of them needs it, so both get a stand-in while they are imported;
whoever compiles afterwards imports the compiler itself.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

COMPILER = "torch._dynamo"


@contextmanager
def without_compiler() -> Iterator[None]:
    """Answer for the compiler meanwhile, unless it is there already."""
    if COMPILER in sys.modules:
        yield
        return
    compiler, utilities = ModuleType(COMPILER), ModuleType(f"{COMPILER}.utils")
    compiler.disable = _as_it_is  # type: ignore[attr-defined]
    utilities.is_compile_supported = _never  # type: ignore[attr-defined]
    stand_ins = {one.__name__: one for one in (compiler, utilities)}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name in stand_ins:
            del sys.modules[name]


def _as_it_is(passed_over: Callable[..., Any], *_: object, **__: object) -> Callable[..., Any]:
    return passed_over


def _never(_device: str) -> bool:
    return False


with without_compiler():
    import timm
    from timm.models.swin_transformer import SwinTransformer

__all__ = ["SwinTransformer", "timm"]
