"""How many threads small linear algebra uses."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from threadpoolctl import threadpool_limits

P = ParamSpec("P")
R = TypeVar("R")


def on_one_thread(do: Callable[P, R]) -> Callable[P, R]:
    """Let BLAS use one thread: on vectors of six, its threads do nothing but wait for each other.

    On cores that are busy otherwise they waited ten times as long as one thread works.
    """

    @functools.wraps(do)
    def limited(*args: P.args, **kwargs: P.kwargs) -> R:
        with threadpool_limits(1, user_api="blas"):
            return do(*args, **kwargs)

    return limited
