"""Take in what a camera or a person left: check, hash, store; nothing is lost in silence."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import partial

import numpy as np
from joblib import Parallel, delayed

from technopro.errors import ImageRejected, InputError, ObjectMissing, StoreError
from technopro.intake.decode import Header, read
from technopro.intake.keys import image_key, thumb_key
from technopro.intake.thumbnail import thumbnail
from technopro.results import Batch, ImageRecord, Quarantined
from technopro.store.port import ObjectInfo, ObjectStore, ObjectUnreadable, is_hidden

MAX_FILE_BYTES = 200_000_000
MANY, A_PART = 2000, 500  # files from which on processes pay, and how many are handed to one
IDLE_S = 10  # before a process without work ends
WAITING_PER_THREAD = 2  # files in flight: bounds the memory, keeps every thread busy


@dataclass(frozen=True)
class _Taken:
    outcome: ImageRecord | Quarantined
    newly_stored: bool = False


def take_in(
    source: ObjectStore,
    store: ObjectStore,
    progress: Callable[[int, int], None] | None = None,  # (files done, files in all)
    *,
    files: Sequence[ObjectInfo] | None = None,  # of the source; all where not given
    threads: int = 4,  # of each process
    processes: int = 1,
    zone: tzinfo = UTC,  # of cameras that do not say
) -> Batch:
    """Copy the images of `source` into `store`, with a thumbnail; quarantine the rest.

    Each file is read once, hashed, and decoded in full before it is stored. Hidden files are
    passed over, anything else that is no usable image is quarantined with a reason. The Batch is
    the same whatever `threads` and `processes` are; a second call stores nothing. Processes share
    many files alone, and must reach both stores. InputError if there is no file, or if `store` lies
    inside `source`; StoreError if either store fails as a whole.
    """
    _check_apart(source, store)
    files = list(source.list()) if files is None else files
    if not files:
        raise InputError(f"no files found in {source.url}; expected images: check the path")
    taken: list[_Taken] = []
    take = partial(_take, source=source, store=store, zone=zone)
    if processes > 1 and len(files) >= MANY:
        found = _in_processes(take, files, threads, processes, source)
    else:
        found = _in_threads(take, files, threads)
    for one in found:
        taken.append(one)
        if progress is not None:
            progress(len(taken), len(files))
    return _batch(source.url, taken)


def _take(info: ObjectInfo, source: ObjectStore, store: ObjectStore, zone: tzinfo) -> _Taken:
    try:
        data = _read(info, source)
    except ImageRejected as error:
        return _Taken(Quarantined(_printable(info.key), str(error)))
    try:
        header, pixels = read(data, zone=zone)
    except ImageRejected as error:
        return _Taken(Quarantined(info.key, str(error), info.stamp))
    return _store(info, data, header, pixels, store)


def _read(info: ObjectInfo, source: ObjectStore) -> bytes:
    """Return the file's bytes; ImageRejected where this one file is at fault, not the store."""
    _check_name(info.key)
    _check_file_size(info.size_bytes)
    try:
        return source.get(info.key)
    except ObjectMissing:
        raise ImageRejected("disappeared while being read") from None
    except ObjectUnreadable as error:
        raise ImageRejected(str(error)) from error


def _store(
    info: ObjectInfo, data: bytes, header: Header, pixels: np.ndarray, store: ObjectStore
) -> _Taken:
    sha256 = hashlib.sha256(data).hexdigest()
    key = image_key(sha256)
    newly_stored = store.put(key, data)
    if not store.exists(thumb_key(sha256)):
        store.put(thumb_key(sha256), thumbnail(pixels))
    record = ImageRecord(
        path=info.key,
        sha256=sha256,
        key=key,
        size_bytes=len(data),
        width=header.width,
        height=header.height,
        format=header.format,
        modified=info.modified,
        captured=header.captured,
        stamp=info.stamp,
    )
    return _Taken(record, newly_stored)


def _in_processes(
    work: Callable[[ObjectInfo], _Taken],
    files: Sequence[ObjectInfo],
    threads: int,
    processes: int,
    source: ObjectStore,
) -> Iterator[_Taken]:
    """Yield the results in the order of `files`; one process alone is held up by Python's lock."""
    parts = (files[first : first + A_PART] for first in range(0, len(files), A_PART))
    pool = Parallel(
        processes, return_as="generator", pre_dispatch="2 * n_jobs", idle_worker_timeout=IDLE_S
    )
    try:
        for part, repeats in pool(delayed(_all_of)(work, f, threads, source) for f in parts):
            source.repeats += repeats
            yield from part
    except BrokenProcessPool as error:
        raise StoreError(
            "a process that took in images was killed, perhaps for want of memory; what it had "
            "stored is kept: try again, with fewer processes (TECHNOPRO_THREADS)"
        ) from error


def _all_of(
    work: Callable[[ObjectInfo], _Taken],
    files: Sequence[ObjectInfo],
    threads: int,
    source: ObjectStore,  # as `work` has it, and a copy of this process
) -> tuple[list[_Taken], int]:
    before = source.repeats
    return list(_in_threads(work, files, threads)), source.repeats - before


def _in_threads(
    work: Callable[[ObjectInfo], _Taken], files: Iterable[ObjectInfo], threads: int
) -> Iterator[_Taken]:
    """Yield the results in the order of `files`, with a bounded number of files in flight."""
    pending: deque[Future[_Taken]] = deque()
    with ThreadPoolExecutor(max(1, threads), thread_name_prefix="intake") as pool:
        try:
            for info in files:
                if len(pending) >= max(1, threads) * WAITING_PER_THREAD:
                    yield pending.popleft().result()
                pending.append(pool.submit(work, info))
            while pending:
                yield pending.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _batch(url: str, taken: list[_Taken]) -> Batch:
    outcomes = [one.outcome for one in taken]
    images = (o for o in outcomes if isinstance(o, ImageRecord))
    quarantined = (o for o in outcomes if isinstance(o, Quarantined))
    return Batch(
        source=url,
        images=tuple(sorted(images, key=lambda image: image.path)),
        quarantined=tuple(sorted(quarantined, key=lambda file: file.path)),
        stored=sum(one.newly_stored for one in taken),
    )


def _check_apart(source: ObjectStore, store: ObjectStore) -> None:
    inside = f"{store.url.rstrip('/')}/".removeprefix(f"{source.url.rstrip('/')}/")
    if inside != f"{store.url.rstrip('/')}/" and not is_hidden(inside.rstrip("/")):
        raise InputError(
            f"expected images apart from the object store, found the store {store.url} inside"
            f" {source.url}; move one of them"
        )


def _check_file_size(size_bytes: int) -> None:
    if size_bytes > MAX_FILE_BYTES:
        raise ImageRejected(
            f"too large: {size_bytes / 1e6:.0f} MB; at most {MAX_FILE_BYTES / 1e6:.0f} MB"
            " are accepted"
        )


def _check_name(key: str) -> None:
    if _printable(key) != key:
        raise ImageRejected("file name is not valid UTF-8; rename the file")


def _printable(key: str) -> str:
    return key.encode("utf-8", "backslashreplace").decode("utf-8")
