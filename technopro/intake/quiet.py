"""Pillow's warnings about odd metadata stay inside; a picture is either usable or rejected."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_inside = 0
_catcher = warnings.catch_warnings()


@contextmanager
def quiet_pillow() -> Iterator[None]:
    """Ignore warnings of Pillow's modules meanwhile.

    `warnings.catch_warnings` alone is not safe in threads: the last to leave could restore the
    filters of another. Here the first thread in sets the filter and the last one out lifts it.
    """
    _enter()
    try:
        yield
    finally:
        _leave()


def _enter() -> None:
    global _inside, _catcher
    with _lock:
        if _inside == 0:
            _catcher = warnings.catch_warnings()
            _catcher.__enter__()
            warnings.filterwarnings("ignore", module=r"PIL\.")
        _inside += 1


def _leave() -> None:
    global _inside
    with _lock:
        _inside -= 1
        if _inside == 0:
            _catcher.__exit__(None, None, None)
