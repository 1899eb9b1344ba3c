"""The plan before the run: how long it will take and how much memory, from a moment's measuring."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import torch

from technopro.features.engine import at_once
from technopro.features.extract import Extractor
from technopro.learner.plan import PLANS
from technopro.settings import Profile

TYPICAL_PATTERN = 345  # images; how many patterns there are is not known yet
# Measured on two cores with the packaged backbone, see docs/experiments.md:
START_S = 15.0  # loading, compiling, writing the results
PATTERN_S = 12.0  # rounds and decisions of one pattern
PER_BACKBONE = 3.0  # times the backbone's own seconds: whitening, seeds, distances
BASE_MB = 1700.0
CHUNK_MB = 3000.0  # for each megapixel of one image
IMAGE_MB = 0.01  # scores, embeddings and the like of each image


@dataclass(frozen=True)
class Forecast:
    """What a run is expected to cost on this machine."""

    images: int
    shape: tuple[int, int]  # height, width at which most of them are looked at
    device: str
    threads: int
    precision: str
    profile: Profile
    seconds: float
    memory_mb: float

    def __str__(self) -> str:
        height, width = self.shape
        where = self.device if self.device != "cpu" else f"cpu, {self.threads} threads"
        return (
            f"plan: {self.images} images looked at in {height}x{width}, {where}, {self.precision}, "
            f"profile {self.profile}: about {_spoken(self.seconds)}, {self.memory_mb / 1024:.1f} GB"
        )


def forecast(shapes: Sequence[tuple[int, int]], extractor: Extractor, profile: Profile) -> Forecast:
    """Time the backbone for a moment and scale up to images of these working shapes."""
    counts = Counter(shapes)
    most = counts.most_common(1)[0][0]
    drawn = PLANS[profile].drawn
    looked_at = sum(
        (n + drawn(n)) * height * width / 2**20 for (height, width), n in counts.items()
    )
    patterns = max(len(counts), round(len(shapes) / TYPICAL_PATTERN))
    seconds = START_S + PATTERN_S * patterns
    seconds += looked_at * PER_BACKBONE * _seconds_per_megapixel(extractor, most)
    memory = BASE_MB + CHUNK_MB * max(h * w for h, w in counts) / 2**20 + IMAGE_MB * len(shapes)
    return Forecast(
        len(shapes),
        most,
        extractor.device.type,
        torch.get_num_threads(),
        str(extractor.precision).removeprefix("torch."),
        profile,
        seconds,
        memory,
    )


def _seconds_per_megapixel(extractor: Extractor, shape: tuple[int, int]) -> float:
    count = at_once(shape, extractor.device)
    images = np.random.default_rng(0).integers(0, 255, (count, *shape, 3)).astype(np.uint8)
    extractor.stages(images)[-1].cpu()  # compiles
    started = perf_counter()
    for _ in range(2):
        extractor.stages(images)[-1].cpu()  # waits for a GPU
    return (perf_counter() - started) / 2 / (count * shape[0] * shape[1] / 2**20)


def _spoken(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
