"""What every stage needs of the outside: settings, object store, database, machine."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from technopro.errors import InputError
from technopro.settings import Device, Profile, Settings

if TYPE_CHECKING:
    import torch
    from sqlalchemy import Engine

    from technopro.store import ObjectStore

Tick = Callable[[int, int], None]  # done, total
Progress = Callable[[str, int, int], None]  # stage in plain words, done, total


def quiet(stage: str, done: int, total: int) -> None:
    """Report no progress."""


@dataclass(frozen=True)
class Options:
    """What a person may choose for one run."""

    seed: int = 0
    device: Device = "auto"  # as the plant is set
    profile: Profile = "standard"
    threads: int = 0  # 0: as the plant is set
    verdicts: str | None = None  # CSV of what people said of images; off where there is none


@dataclass(frozen=True)
class Plant:
    """One installation: where images, weights and rows are kept."""

    settings: Settings
    store: ObjectStore
    engine: Engine


def open_plant(settings: Settings | None = None) -> Plant:
    """Open the object store and the database, migrated to the newest schema.

    Raises TechnoproError with what to do where one of them cannot be reached.
    """
    from technopro.registry import open_database
    from technopro.store import open_store

    settings = settings or Settings()
    store = open_store(settings.resolved_object_store(), settings.s3_endpoint_url)
    return Plant(settings, store, open_database(settings.resolved_database_url()))


def choose_device(device: Device) -> torch.device:
    """Return the device asked for; raises InputError for CUDA where there is none."""
    import torch

    if device == "cuda" and not torch.cuda.is_available():
        raise InputError("expected a CUDA device, found none; use --device cpu or auto")
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return torch.device(device)


def use_threads(threads: int) -> int:
    """Let torch and NumPy use so many CPU threads (0: all this process may); return the number."""
    import torch
    from threadpoolctl import threadpool_limits

    count = threads or len(os.sched_getaffinity(0))
    torch.set_num_threads(count)
    threadpool_limits(count, user_api="blas")
    return count
