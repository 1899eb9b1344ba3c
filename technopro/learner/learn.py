"""Learn one pattern from its own unlabelled images."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from types import MappingProxyType

import numpy as np
import torch
from torch import nn

from technopro.decision.calibration import Calibration, calibrate, estimate_share, night_jury
from technopro.features.extract import Extractor
from technopro.fold import FOLDS
from technopro.learner.fitted import (
    FIRST_SEED,
    SEEDS,
    FittedPattern,
    Swins,
    swin_reader,
)
from technopro.learner.opinions import Heard, better_blend, blended, hear, opinions, usual
from technopro.learner.plan import LearningPlan
from technopro.learner.prepare import Images, learn_lens, prepare
from technopro.pseudolabel.flight import Flight
from technopro.pseudolabel.inputs import Inputs, Machine, predict, prepare_inputs
from technopro.pseudolabel.memory import Memory, NoMemory
from technopro.pseudolabel.rounds import run_rounds
from technopro.pseudolabel.student import Lesson
from technopro.pseudolabel.swin import Recipe, healed, initial_swin
from technopro.seeding.combine import standardised
from technopro.seeding.seed import FittedSeed, Material

Tell = Callable[[str, int, int], None]  # what, done, total
LEAST_KEPT = 2  # images of a fold


@dataclass(frozen=True)
class Learned:
    """A fitted pattern and what its own images scored, each by parts that had not seen it."""

    fitted: FittedPattern
    hashes: Sequence[str]  # of the N images
    evidence: np.ndarray  # (N,)
    seconds: dict[str, float]
    history: list[dict[str, float]]  # of the rounds
    flight: Flight


def learn_pattern(
    images: Images,
    extractor: Extractor,
    machine: Machine,
    swin: Recipe,
    plan: LearningPlan,
    folder: Path,
    seed: int,
    tell: Tell,
    verdicts: Mapping[str, float] = MappingProxyType({}),
    memory: Memory = NoMemory(),  # noqa: B008 - it remembers nothing
    before: Swins | None = None,
) -> Learned:
    """Return the learned pattern; `folder` takes scratch files and may be deleted afterwards.

    `verdicts` are soft labels by SHA-256, 0 to 1, of images that a person looked at. Rounds that
    were cut off go on from what is in `memory`. Where only a little has changed, Swins that knew
    the pattern `before` learn one round more: a fold is told by an image's bytes, so that the Swin
    of a fold has never learned from an image of it.
    """
    clock = _Clock()
    lens = learn_lens(images, extractor, seed)
    drawn = plan.drawn(len(images.hashes))
    material = prepare(
        images, lens, extractor, drawn, folder, seed, lambda d, n: tell("features", d, n)
    )
    clock.lap("features")

    told = np.array([verdicts.get(sha256, np.nan) for sha256 in images.hashes])
    fit = fit_seeds(material, told, seed, tell)
    own, half, own_drawn = fit.heard.own.whole, fit.heard.own.half, fit.heard.drawn.whole
    clock.lap("seeds")

    read = swin_reader(swin, fit.seeds)
    lesson = Lesson(
        prepare_inputs(material.views, read, folder / "inputs"),
        prepare_inputs(material.drawn, read, folder / "drawn-inputs"),
        material.source,
    )
    first = blended(own, told)
    jury = night_jury(first(own), usual(first, half, own), seed)
    outcome = run_rounds(
        lesson,
        first(own),
        told,
        jury.share.low,
        lambda fold: initial_swin(swin) if before is None else before.networks[fold],
        plan.rounds if before is None else plan.rounds.going_on(),
        machine,
        seed,
        lambda d, n: tell("rounds", d, n),
        memory,
    )
    if jury.proven and outcome.flight.followed(lesson.images.folds).learned:
        own["swin"] = outcome.logits
    half |= _swin_half(swin, outcome.networks, lesson, machine)
    own_drawn["swin"] = cross_fitted(outcome.networks, lesson.drawn, machine)
    clock.lap("rounds")

    blend = better_blend(own, own_drawn, told)
    evidence = blend(own)
    calibration: Calibration = calibrate(
        evidence,
        usual(blend, half, own, jury.share.low),
        blend(own_drawn),
        seed,
        proven=jury.proven,
    )
    clock.lap("decision")
    swins = Swins(swin, outcome.networks)
    places = fit.heard.places
    fitted = FittedPattern(images.shape, lens, fit.seeds, swins, places, blend, calibration)
    return Learned(fitted, images.hashes, evidence, clock.laps, outcome.history, outcome.flight)


@dataclass(frozen=True)
class SeedFit:
    """Fitted seeds, and what they say."""

    seeds: dict[str, FittedSeed]
    heard: Heard


def fit_seeds(material: Material, told: np.ndarray, seed: int, tell: Tell) -> SeedFit:
    """Fit all seeds on the images that a first fit finds least odd."""
    material = trimmed(material, seed)
    seeds = {}
    for number, kind in enumerate(SEEDS):
        tell("seeds", number, len(SEEDS))
        seeds[kind.name] = kind.fit(material, seed)
    heard = hear(seeds, material.views, material.drawn, told)
    tell("seeds", len(SEEDS), len(SEEDS))
    return SeedFit(seeds, heard)


def trimmed(material: Material, seed: int) -> Material:
    """Return the material without the images that a first fit finds oddest.

    A defect among the images a fit learns from hides its like.
    """
    first = {FIRST_SEED.name: FIRST_SEED.fit(material, seed)}
    odd = standardised(opinions(first, material.views).whole[FIRST_SEED.name])
    return replace(material, keep=least_odd(odd, material.views.folds.numpy(), estimate_share(odd)))


def least_odd(score: np.ndarray, folds: np.ndarray, share: float) -> np.ndarray:
    """Return (N,) bool: in each fold all but the worst images.

    Left out is twice the estimated defect `share`, within a quarter and a half of the images; two
    stay, the fewest that have a spread.
    """
    out = float(np.clip(2 * share, 0.25, 0.5))
    keep = np.zeros(len(score), bool)
    for fold in np.unique(folds):
        own = np.flatnonzero(folds == fold)
        order = own[np.argsort(score[own], kind="stable")]
        keep[order[: max(LEAST_KEPT, round(len(own) * (1 - out)))]] = True
    return keep


def cross_fitted(
    networks: Sequence[nn.Module],
    inputs: Inputs,
    machine: Machine,
    change: Callable[[torch.Tensor], torch.Tensor] = lambda x: x,
) -> np.ndarray:
    """Return the logit of each image, changed first, by the network of its fold."""
    out = np.zeros(len(inputs.folds), np.float32)
    for fold in range(FOLDS):
        own = np.flatnonzero(inputs.folds == fold)
        out[own] = predict(networks[fold], inputs, own, machine, change)
    return out


def _swin_half(
    recipe: Recipe, networks: Sequence[nn.Module], lesson: Lesson, machine: Machine
) -> dict[str, np.ndarray]:
    """What a Swin on distance maps says of each image's better half; pictures cannot be healed."""
    if recipe["reads"] == "pixels":
        return {}
    return {"swin": cross_fitted(networks, lesson.images, machine, healed)}


class _Clock:
    """Seconds per stage."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = perf_counter()

    def lap(self, name: str) -> None:
        now = perf_counter()
        self.laps[name] = self.laps.get(name, 0.0) + now - self._last
        self._last = now
