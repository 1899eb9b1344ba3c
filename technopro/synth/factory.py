"""Write nights of synthetic pictures with their truth to a folder."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from PIL import Image

from ..errors import InputError
from .picture import draw
from .plan import Job, Recipe, checked, plan_night, truth_text
from .specs import PatternSpec

Progress = Callable[[int, int], None]  # (pictures written, pictures in all)
CHUNK = 8  # pictures a worker draws at a time
WORTH_WORKERS = 64  # pictures from which starting processes pays


@dataclass(frozen=True)
class Factory:
    """What was written."""

    directory: Path
    nights: tuple[Path, ...]  # each holds images/ and truth.csv; one night: the directory itself
    patterns: tuple[PatternSpec, ...]
    images: int
    defects: int


def write_factory(
    directory: Path | str,
    *,
    patterns: int = 6,
    images_per_pattern: int = 100,
    defects_per_pattern: int = 15,
    defect_share: float | None = None,
    size: int | tuple[int, int] = 512,
    seed: int = 0,
    defect_size: float = 1.0,
    contrast: float = 1.0,
    masks: bool = False,
    nights: int = 1,
    drift: float = 0.0,
    new_pattern: bool = False,
    families: Sequence[str] | None = None,
    kinds: Sequence[str] | None = None,
    overwrite: bool = False,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Factory:
    """Write `images/*.png` and `truth.csv` (`id,pattern,label`; 1 = defect), and say what.

    `size` is (height, width) or the side in pixels; `defect_share` (0 to 1) takes the place of
    `defects_per_pattern`. With several nights each lies in `night-01`, `night-02`, …: `drift`
    (1.0 is strong) grows to its full value for the first pattern, and `new_pattern` adds a
    pattern in the last. `families` and `kinds` (of defects) name those wanted. With `masks`,
    `masks/<id>.png` shows each defect in white. The bytes do not depend on `workers` (processes;
    None: one a core). InputError for options that make no sense, and for a folder that holds
    another factory, unless `overwrite` (which removes the other factory's own files, nothing else).
    """
    recipe = checked(
        Recipe(
            patterns=patterns,
            images_per_pattern=images_per_pattern,
            defects_per_pattern=defects_per_pattern,
            defect_share=defect_share,
            size=(size, size) if isinstance(size, int) else size,
            seed=seed,
            defect_size=defect_size,
            contrast=contrast,
            nights=nights,
            drift=drift,
            new_pattern=new_pattern,
            families=tuple(families) if families is not None else None,
            kinds=tuple(kinds) if kinds is not None else None,
        )
    )
    if workers is not None and workers < 1:
        raise InputError(f"at least one worker is needed, found {workers}")
    root = Path(directory)
    folders = [root] if nights == 1 else [root / f"night-{n + 1:02d}" for n in range(nights)]
    plans = {folder: plan_night(recipe, n) for n, folder in enumerate(folders)}
    _make_room(root, plans, overwrite)
    _write_all(recipe, plans, masks, workers, progress)
    jobs = [job for plan in plans.values() for job in plan]
    return Factory(
        root, tuple(folders), tuple(recipe.specs()), len(jobs), sum(job.label for job in jobs)
    )


def _make_room(root: Path, plans: dict[Path, list[Job]], overwrite: bool) -> None:
    """Check what already lies in the folder; remove another factory's files if told to."""
    found = [path for path in (root / "truth.csv", *sorted(root.glob("night-*/truth.csv")))]
    wanted = {folder / "truth.csv": truth_text(jobs) for folder, jobs in plans.items()}
    for truth in (path for path in found if path.exists()):
        if truth.read_text(encoding="utf-8") == wanted.get(truth):
            continue
        if not overwrite:
            raise InputError(
                f"{truth} belongs to a factory with other options; choose an empty folder, "
                "or allow overwriting"
            )
        _remove(truth)
    for folder, jobs in plans.items():
        _refuse_strangers(folder / "images", {f"{job.id}.png" for job in jobs})


def _remove(truth: Path) -> None:
    """Remove the pictures that a truth.csv lists, then the file itself."""
    for row in truth.read_text(encoding="utf-8").splitlines()[1:]:
        name = Path(row.split(",")[0]).name
        for folder in ("images", "masks"):
            (truth.parent / folder / f"{name}.png").unlink(missing_ok=True)
    truth.unlink()


def _refuse_strangers(images: Path, own: set[str]) -> None:
    """Raise InputError where files would mix with those of the factory."""
    strangers = [path.name for path in images.glob("*") if path.name not in own]
    if strangers:
        raise InputError(
            f"{images} holds {len(strangers)} files that are not of this factory "
            f"(such as {min(strangers)}); choose an empty folder"
        )


def _write_all(
    recipe: Recipe,
    plans: dict[Path, list[Job]],
    masks: bool,
    workers: int | None,
    progress: Progress | None,
) -> None:
    total, written = sum(map(len, plans.values())), 0
    for folder in plans:
        for part in ("images", "masks") if masks else ("images",):
            (folder / part).mkdir(parents=True, exist_ok=True)
    chunks = [
        (folder, jobs[i : i + CHUNK])
        for folder, jobs in plans.items()
        for i in range(0, len(jobs), CHUNK)
    ]
    for count in _mapped(partial(_write_chunk, recipe, masks), chunks, total, workers):
        written += count
        if progress is not None:
            progress(written, total)
    for folder, jobs in plans.items():  # last: a truth.csv means that the night is complete
        (folder / "truth.csv").write_text(truth_text(jobs), encoding="utf-8", newline="\n")


def _mapped(
    work: Callable[[tuple[Path, list[Job]]], int],
    chunks: list[tuple[Path, list[Job]]],
    total: int,
    workers: int | None,
) -> Iterator[int]:
    if workers is None:
        workers = (os.cpu_count() or 1) if total >= WORTH_WORKERS else 1
    if workers == 1:
        yield from map(work, chunks)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(work, chunks)


def _write_chunk(recipe: Recipe, masks: bool, chunk: tuple[Path, list[Job]]) -> int:
    folder, jobs = chunk
    for job in jobs:
        drawn = draw(
            job.spec,
            job.index,
            recipe.size,
            bool(job.label),
            recipe.seed,
            recipe.defect_size,
            recipe.contrast,
            job.drift,
            recipe.kinds,
        )
        _save(drawn.image, folder / "images" / f"{job.id}.png")
        if masks and job.label:
            _save(drawn.mask.astype(np.uint8) * 255, folder / "masks" / f"{job.id}.png")
    return len(jobs)


def _save(pixels: np.ndarray, path: Path) -> None:
    # run lengths: on textures a quarter faster than the usual matching, and smaller
    Image.fromarray(pixels).save(path, "PNG", compress_level=1, compress_type=zlib.Z_RLE)
