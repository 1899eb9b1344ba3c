"""Does an exported model decide as the product does in torch, in 32 bits?"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch

from technopro.decision.decide import Cuts, decide
from technopro.edge import Inspector
from technopro.features.engine import at_once
from technopro.features.extract import Extractor, batches
from technopro.features.sizing import resize
from technopro.features.views import look
from technopro.learner.fitted import FittedPattern
from technopro.pseudolabel.inputs import Machine

LARGEST = 1e-3  # difference of a score in 32 bits from torch in 32 bits
IMAGES = 500  # at least
TIMED = 20  # images, for the median
Tick = Callable[[int, int], None]


@dataclass(frozen=True)
class Picture:
    """One image that both are asked about, read when it is its turn."""

    name: str
    fold: int
    load: Callable[[], np.ndarray]  # (H, W, 3) uint8, of its own size


@dataclass(frozen=True)
class Answers:
    """What is said of all pictures."""

    scores: np.ndarray  # (N,)
    decisions: tuple[str, ...]


@dataclass(frozen=True)
class Parity:
    """How far one precision of an export is from the product in torch, in 32 bits."""

    runtime: str
    precision: str
    images: int
    largest: float  # difference of a score …
    farthest: str  # … and the name of its image
    changed: tuple[str, ...]  # names of images that are decided otherwise
    recorded: int  # images of which this model's decision is on record …
    apart: int  # … and of them, those decided otherwise: a night may have computed in 16 bits
    milliseconds: float  # an image, on this machine
    machine: str

    @property
    def passed(self) -> bool:
        """No decision may change; in 32 bits no score by more than a thousandth either."""
        return not self.changed and (self.precision != "f32" or self.largest <= LARGEST)

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "changed": list(self.changed)}


def of_product(
    fitted: FittedPattern,
    extractor: Extractor,
    pictures: Sequence[Picture],
    cuts: Cuts,
    tick: Tick,
) -> Answers:
    """Return what the product's own path says of pictures, in the extractor's precision."""
    machine = Machine(extractor.device, extractor.precision)
    evidence = [np.zeros(0)]
    for part in batches(len(pictures), at_once(fitted.shape, machine.device)):
        own = pictures[part]
        images = np.stack([resize(one.load(), fitted.shape) for one in own])
        folds = torch.tensor([one.fold for one in own])
        views = fitted.lens.views(look(extractor, images), folds)
        evidence.append(fitted.evidence(views, machine))
        tick(part.stop, len(pictures))
    return _answers(fitted.calibration(np.concatenate(evidence)), fitted, cuts)


def of_export(
    folder: Path,
    fitted: FittedPattern,
    pictures: Sequence[Picture],
    cuts: Cuts,
    threads: int,
    tick: Tick,
) -> tuple[Answers, float]:
    """Return what an exported folder says of pictures, and the median milliseconds of one."""
    inspector = Inspector(folder, threads=threads)
    evidence, seconds = np.zeros(len(pictures)), []
    for number, one in enumerate(pictures):
        pixels = one.load()
        began = time.perf_counter()
        evidence[number] = inspector.evidence(pixels, one.fold)
        seconds.append(time.perf_counter() - began)
        tick(number + 1, len(pictures))
    return _answers(inspector.scores(evidence), fitted, cuts), 1000 * median(seconds[-TIMED:])


def compare(
    runtime: str,
    precision: str,
    found: Answers,
    milliseconds: float,
    exact: Answers,
    pictures: Sequence[Picture],
    recorded: Mapping[str, str],
) -> Parity:
    """Hold an export against torch in 32 bits, and against decisions on record, by picture."""
    names = [one.name for one in pictures]
    changed = [
        name
        for name, new, old in zip(names, found.decisions, exact.decisions, strict=True)
        if new != old
    ]
    now = dict(zip(names, found.decisions, strict=True))
    known = [name for name in names if name in recorded]
    apart = np.abs(found.scores - exact.scores)
    return Parity(
        runtime,
        precision,
        len(pictures),
        float(apart.max(initial=0.0)),
        names[int(apart.argmax())] if names else "",
        tuple(changed),
        len(known),
        sum(now[name] != recorded[name] for name in known),
        milliseconds,
        f"{platform.machine()} {platform.system()}, {torch.get_num_threads()} threads",
    )


def _answers(scores: np.ndarray, fitted: FittedPattern, cuts: Cuts) -> Answers:
    decisions = decide(scores, fitted.calibration.separable, cuts)
    return Answers(scores, tuple(one.value for one in decisions))
