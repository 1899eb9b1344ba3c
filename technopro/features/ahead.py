"""Images read, decoded and drawn onto by threads while networks look at those before them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import torch

Part = TypeVar("Part")
Read = TypeVar("Read")


def read_ahead(
    parts: Iterable[Part], read: Callable[[Part], Read], threads: int | None = None
) -> Iterator[Read]:
    """Yield `read` of every part, in order, while one thread a core reads those that follow.

    One thread alone reads them one after another, so that `read` may draw from a generator. No
    more are read than there are threads; an error is raised where its part would come.
    """
    threads = threads or torch.get_num_threads()
    pool = ThreadPoolExecutor(threads)
    waiting: deque[Future[Read]] = deque()
    try:
        for part in parts:
            waiting.append(pool.submit(read, part))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
