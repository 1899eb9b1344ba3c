"""Learn one pattern from its own unlabelled images."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import numpy as np
from torch import nn

from technopro.decision.calibration import Calibration, calibrate, estimate_share
from technopro.features.extract import Extractor
from technopro.learner.fitted import (
    FIRST_SEED,
    SEEDS,
    FittedPattern,
    Swins,
    score_all,
    swin_reader,
)
from technopro.learner.plan import LearningPlan
from technopro.learner.prepare import Images, learn_lens, prepare
from technopro.pseudolabel.rounds import Lesson, Machine, predict, prepare_inputs, run_rounds
from technopro.pseudolabel.swin import Recipe, initial_swin
from technopro.seeding.combine import by_agreement, standardised
from technopro.seeding.seed import FOLDS, FittedSeed, Material

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


def learn_pattern(
    images: Images,
    extractor: Extractor,
    machine: Machine,
    swin: Recipe,
    plan: LearningPlan,
    folder: Path,
    seed: int,
    tell: Tell,
) -> Learned:
    """Return the learned pattern; `folder` takes scratch files and may be deleted afterwards."""
    clock = _Clock()
    lens = learn_lens(images, extractor, seed)
    drawn = plan.drawn(len(images.hashes))
    material = prepare(
        images, lens, extractor, drawn, folder, seed, lambda d, n: tell("features", d, n)
    )
    clock.lap("features")

    fit = _fit_seeds(material, seed, tell)
    own, own_drawn = dict(fit.scores), dict(fit.drawn)
    clock.lap("seeds")

    read = swin_reader(swin, fit.seeds)
    lesson = Lesson(
        prepare_inputs(material.views, read, folder / "inputs"),
        prepare_inputs(material.drawn, read, folder / "drawn-inputs"),
        material.source,
    )
    outcome = run_rounds(
        lesson,
        by_agreement(own)(own),
        estimate_share,
        lambda: initial_swin(swin),
        plan.rounds,
        machine,
        seed,
        lambda d, n: tell("rounds", d, n),
    )
    own["swin"] = outcome.logits
    own_drawn["swin"] = _drawn_logits(outcome.networks, lesson, machine)
    clock.lap("rounds")

    blend = by_agreement(own)
    evidence = blend(own)
    calibration: Calibration = calibrate(evidence, blend(own_drawn), seed)
    clock.lap("decision")
    swins = Swins(swin, outcome.networks)
    fitted = FittedPattern(images.shape, lens, fit.seeds, swins, blend, calibration)
    return Learned(fitted, images.hashes, evidence, clock.laps, outcome.history)


@dataclass(frozen=True)
class _SeedFit:
    """Fitted seeds, and what they score of tonight's and of drawn images."""

    seeds: dict[str, FittedSeed]
    scores: dict[str, np.ndarray]
    drawn: dict[str, np.ndarray]


def _fit_seeds(material: Material, seed: int, tell: Tell) -> _SeedFit:
    """Fit all seeds on the images that a first fit finds least odd.

    A defect among the images a fit learns from hides its like.
    """
    first = {FIRST_SEED.name: FIRST_SEED.fit(material, seed)}
    odd = standardised(score_all(first, material.views.chunks())[FIRST_SEED.name])
    keep = least_odd(odd, material.views.folds.numpy(), estimate_share(odd))
    material = replace(material, keep=keep)
    seeds = {}
    for number, kind in enumerate(SEEDS):
        tell("seeds", number, len(SEEDS))
        seeds[kind.name] = kind.fit(material, seed)
    scores = score_all(seeds, material.views.chunks())
    drawn = score_all(seeds, material.drawn.chunks())
    tell("seeds", len(SEEDS), len(SEEDS))
    return _SeedFit(seeds, scores, drawn)


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


def _drawn_logits(networks: Sequence[nn.Module], lesson: Lesson, machine: Machine) -> np.ndarray:
    out = np.zeros(len(lesson.drawn.folds), np.float32)
    for fold in range(FOLDS):
        own = np.flatnonzero(lesson.drawn.folds == fold)
        out[own] = predict(networks[fold], lesson.drawn, own, machine)
    return out


class _Clock:
    """Seconds per stage."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = perf_counter()

    def lap(self, name: str) -> None:
        now = perf_counter()
        self.laps[name] = self.laps.get(name, 0.0) + now - self._last
        self._last = now
