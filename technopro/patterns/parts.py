"""Many images taken a few at a time, so that temporaries do not grow with their number."""

from __future__ import annotations

from collections.abc import Iterator

ROWS = 4096  # images at once


def in_parts(count: int) -> Iterator[slice]:
    """Cut so many images into slices of ROWS at most; needs no torch, as `extract.batches` does."""
    return (slice(start, start + ROWS) for start in range(0, count, ROWS))
