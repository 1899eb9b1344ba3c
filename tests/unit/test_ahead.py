"""Reading ahead: in order, never far ahead, and errors where they belong."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
import torch

from technopro.features.ahead import read_ahead


def test_all_is_read_once_and_in_order() -> None:
    def read(part: int) -> int:
        time.sleep(0.01 * (part % 3))
        return part * part

    assert list(read_ahead(range(20), read)) == [n * n for n in range(20)]
    assert list(read_ahead([], read)) == []


def test_no_more_is_read_than_there_are_threads() -> None:
    begun: list[int] = []
    parts = read_ahead(range(50), begun.append)
    next(parts)
    time.sleep(0.1)
    assert len(begun) <= 1 + torch.get_num_threads()


def test_what_follows_is_read_while_one_is_used() -> None:
    second = threading.Event()
    parts = read_ahead(range(2), lambda part: second.set() if part else None)
    next(parts)
    assert second.wait(5)


def test_an_error_is_raised_where_its_part_would_come() -> None:
    def read(part: int) -> int:
        if part == 3:
            raise OSError("broken")
        return part

    parts = read_ahead(range(9), read)
    assert [next(parts) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(OSError, match="broken"):
        next(parts)


def test_one_thread_alone_reads_one_part_after_another() -> None:
    rng = np.random.default_rng(7)

    def read(_: int) -> float:
        time.sleep(0.01 * rng.random())
        return float(rng.random())

    again = np.random.default_rng(7)
    assert list(read_ahead(range(20), read, threads=1)) == [again.random(2)[1] for _ in range(20)]
