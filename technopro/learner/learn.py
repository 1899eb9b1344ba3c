"""Learn one pattern from its own unlabelled images."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
from torch import nn

from technopro.decision.calibration import Calibration, calibrate, estimate_share
from technopro.features.extract import Extractor
from technopro.learner.fitted import (
    SEEDS,
    FittedPattern,
    Swins,
    blend,
    score_all,
)
from technopro.learner.plan import LearningPlan
from technopro.learner.prepare import Images, learn_lens, prepare
from technopro.pseudolabel.rounds import Lesson, Machine, predict, prepare_inputs, run_rounds
from technopro.pseudolabel.swin import Recipe, initial_swin
from technopro.seeding.combine import combine, detects, fit_scale
from technopro.seeding.seed import FOLDS

Tell = Callable[[str, int, int], None]  # what, done, total


@dataclass(frozen=True)
class Learned:
    """A fitted pattern and what its own images scored, each by parts that had not seen it."""

    fitted: FittedPattern
    evidence: np.ndarray  # (N,)
    scores: np.ndarray  # (N,) 0 to 1
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
    material, source = prepare(
        images, lens, extractor, drawn, folder, seed, lambda d, n: tell("features", d, n)
    )
    clock.lap("features")

    seeds = {}
    for number, kind in enumerate(SEEDS):
        tell("seeds", number, len(SEEDS))
        seeds[kind.name] = kind.fit(material, seed)
    scores = score_all(seeds, material.views.chunks())
    drawn_scores = score_all(seeds, material.drawn.chunks())
    combination = combine(scores, drawn_scores)
    raw, raw_drawn = combination(scores), combination(drawn_scores)
    scale = fit_scale(raw)
    tell("seeds", len(SEEDS), len(SEEDS))
    clock.lap("seeds")

    lesson = Lesson(
        prepare_inputs(material.views, swin, folder / "inputs"),
        prepare_inputs(material.drawn, swin, folder / "drawn-inputs"),
        source,
    )
    outcome = run_rounds(
        lesson,
        scale(raw),
        estimate_share,
        lambda: initial_swin(swin),
        plan.rounds,
        machine,
        seed,
        lambda d, n: tell("rounds", d, n),
    )
    swin_drawn = _drawn_logits(outcome.networks, lesson, machine)
    weight = swin_weight(detects(raw, raw_drawn), detects(outcome.logits, swin_drawn))
    swins = Swins(swin, outcome.networks, fit_scale(outcome.logits), weight)
    clock.lap("rounds")

    evidence = blend(scale(raw), swins.scale(outcome.logits), weight)
    drawn_evidence = blend(scale(raw_drawn), swins.scale(swin_drawn), weight)
    calibration: Calibration = calibrate(evidence, drawn_evidence, seed)
    clock.lap("decision")
    fitted = FittedPattern(images.shape, lens, seeds, combination, scale, swins, calibration)
    return Learned(fitted, evidence, calibration(evidence), clock.laps, outcome.history)


def swin_weight(seed_sees: float, swin_sees: float) -> float:
    """Return the Swin's share of the blend: 0 where it is blind, never more than the seed's.

    Both are ROC-AUC on held-out drawn defects; the weights stand as the squared excesses over
    chance, as among the seeds.
    """
    seed, swin = max(0.0, seed_sees - 0.5) ** 2, max(0.0, swin_sees - 0.5) ** 2
    return 0.0 if swin == 0 else min(0.5, swin / (seed + swin))


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
