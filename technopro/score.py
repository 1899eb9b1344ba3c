"""From a batch to a night: assign every image to a pattern, score it with the champion, decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from technopro import registry
from technopro.bench import Bench
from technopro.decision.calibration import judged_share, night_share
from technopro.decision.decide import STANDARD, Cuts, decide
from technopro.errors import InputError, WeightsError
from technopro.explain.faithful import faithfulness
from technopro.explain.gradcam import encode_heat, gradcam, gradcam_of_maps
from technopro.fold import fold_of
from technopro.learner.fitted import FittedPattern, restore
from technopro.learner.seen import restore_seen
from technopro.patterns.faults import usual_by_part
from technopro.patterns.recognise import assign
from technopro.plant import Progress
from technopro.registry import ModelRow
from technopro.results import Decision, Fault, PatternNight, Prediction, is_judged
from technopro.stored import load_model
from technopro.survey import Faulty, Parts

WORST = 16  # images a pattern that get a heat map
JUST_BELOW = 0.99  # of the threshold


@dataclass(frozen=True)
class Night:
    """The product's opinion of a batch."""

    predictions: list[Prediction]
    patterns: list[PatternNight]
    heat: dict[str, bytes]  # SHA-256 -> 8-bit PNG of the Grad-CAM map


def score_batch(
    bench: Bench,
    champions: Mapping[str, ModelRow],
    cuts: Mapping[str, Cuts],
    progress: Progress,
) -> Night:
    """Score every image with the champion of its pattern, decide at its pattern's `cuts`, if any.

    Raises InputError where no pattern has a champion yet, WeightsError for damaged weights.
    """
    if not champions:
        raise InputError("no pattern has a champion yet; run a retrain on a batch first")
    judged, distance = assignment(bench, champions)
    far = dict(zip(bench.hashes, distance.tolist(), strict=True))
    night = Night([], [], {})
    for number, (name, parts) in enumerate(judged.items(), 1):
        what = f"scoring {name}, pattern {number} of {len(judged)}"
        own = cuts.get(name, STANDARD)
        _score_pattern(bench, name, champions[name], parts, far, own, night, progress, what)
    return night


def assignment(
    bench: Bench, champions: Mapping[str, ModelRow]
) -> tuple[dict[str, Parts], np.ndarray]:
    """Return which images each champion judges, by its pattern, and how far each centre is.

    Images of a pattern without a champion are judged by the one that it was merged into, or was
    part of; of each champion's images it is told what they are themselves.
    """
    with registry.unit_of_work(bench.plant.engine) as session:
        known = registry.patterns(session)
    judges = {name: registry.judge_of(known, name, champions) for name in known}
    seen = {name: bench.centre(known[name]) for name, judge in judges.items() if judge is not None}
    centres = {name: centre for name, centre in seen.items() if centre is not None}
    if not centres:
        backbone = bench.extractor.backbone
        raise InputError(
            f"nobody knows where the patterns lie for {backbone.name} {backbone.sha256[:12]}…: run "
            "a retrain on a batch first"
        )
    nearest, distance = assign(bench.survey.embeddings, centres)
    judged: dict[str, dict[str, list[int]]] = {}
    for image, name in enumerate(nearest):
        judged.setdefault(str(judges[name]), {}).setdefault(name, []).append(image)
    return dict(sorted(judged.items())), distance


def members_of(parts: Parts) -> list[int]:
    """Return the places of all of a pattern's images, rising."""
    return sorted(i for members in parts.values() for i in members)


def _score_pattern(
    bench: Bench,
    name: str,
    row: ModelRow,
    parts: Parts,
    far: Mapping[str, float],
    cuts: Cuts,
    night: Night,
    progress: Progress,
    what: str,
) -> None:
    members = members_of(parts)
    faulty = faulty_of(bench, row, parts)
    blank = {h for h, what in faulty.items() if not is_judged(what.fault)}
    hashes = [bench.hashes[i] for i in members if bench.hashes[i] not in blank]
    folds = {h: fold_of(faulty[h].like or h) if h in faulty else fold_of(h) for h in hashes}
    fitted, evidence = ask(bench, row, hashes, progress, what, folds=folds)
    scores = fitted.calibration(evidence)
    decisions = decide(scores, fitted.calibration.separable, cuts)
    usual = np.array(fitted.calibration.usual)
    share = judged_share(night_share(evidence, usual, bench.options.seed), scores)
    night.predictions.extend(
        Prediction(h, name, float(s), d, row.version, *_what(faulty.get(h)), distance=far[h])
        for h, s, d in zip(hashes, scores, decisions, strict=True)
    )
    unknowable = float(np.clip(share.estimate, cuts.review, JUST_BELOW * cuts.defect))
    night.predictions.extend(
        Prediction(
            h, name, unknowable, Decision.REVIEW, row.version, faulty[h].fault, distance=far[h]
        )
        for h in sorted(blank)
    )
    night.patterns.append(
        PatternNight(
            pattern=name,
            images=len(members),
            separable=fitted.calibration.separable,
            defect_share=share,
            threshold=cuts.defect,
            review_threshold=cuts.review,
            flagged=sum(d is Decision.DEFECT for d in decisions),
            quality=fitted.calibration.quality,
            model_version=row.version,
        )
    )
    worst = [hashes[i] for i in np.argsort(-scores, kind="stable")[:WORST]]
    night.heat.update(_heat_maps(bench, row, fitted, worst, folds))


def _what(faulty: Faulty | None) -> tuple[Fault | None, str | None]:
    return (None, None) if faulty is None else (faulty.fault, faulty.like)


def faulty_of(bench: Bench, row: ModelRow, parts: Parts) -> dict[str, Faulty]:
    """Return by SHA-256 which of a pattern's images say nothing by what its model knows of them.

    A part that it has not learned from, merged since or not there that night, is held to its own
    images of this night. Raises WeightsError for a model of an older kind.
    """
    if "usual" not in row.recipe:
        raise WeightsError(f"{row.pattern} {row.version} is of an older kind; retrain the pattern")
    learned = usual_by_part(row.recipe["usual"], row.pattern)
    same = row.backbone.sha256 == bench.extractor.backbone.sha256
    usual = {name: learned[name] for name in parts.keys() & learned.keys()} if same else {}
    for name in parts.keys() - usual.keys():
        tonight = bench.survey.usual(parts[name])
        usual[name] = learned[name].looking_like(tonight) if name in learned else tonight
    return bench.survey.faulty(parts, usual)


def ask(
    bench: Bench,
    row: ModelRow,
    hashes: Sequence[str],
    progress: Progress,
    what: str,
    *,
    folds: Mapping[str, int] | None = None,
    kept: bool = True,
) -> tuple[FittedPattern, np.ndarray]:
    """Return a stored model and its evidence for these images: what it kept, if any, or computed.

    Each is scored by the part of its fold in `folds`, or of its own bytes.
    Raises WeightsError for damaged weights, and where the model's backbone is not to be had.
    """
    model = load_model(bench.plant.store, row)
    fitted = restore(model, bench.machine.device)
    own = folds or {sha256: fold_of(sha256) for sha256 in hashes}
    known = restore_seen(model.tensors) if kept else {}
    heard = bench.heard if kept else {}
    unknown = [h for h in hashes if h not in known and (row.id, h, own[h]) not in heard]
    fresh = bench.shards.evidence(
        row, fitted, unknown, own, lambda done, total: progress(what, done, total)
    )
    heard |= {(row.id, h, own[h]): e for h, e in zip(unknown, fresh, strict=True)}
    return fitted, np.array([known[h] if h in known else heard[row.id, h, own[h]] for h in hashes])


def _heat_maps(
    bench: Bench,
    row: ModelRow,
    fitted: FittedPattern,
    hashes: list[str],
    folds: Mapping[str, int],
) -> dict[str, bytes]:
    """Grad-CAM of each image by the network that scores it, and how faithful it is."""
    if not hashes:
        return {}
    views = bench.sight.of(row).views(fitted, hashes, folds)
    inputs = fitted.swin_input(views).to(bench.machine.device)
    explain = gradcam_of_maps if fitted.swins.recipe["reads"] == "distances" else gradcam
    heat = {}
    for index, sha256 in enumerate(hashes):
        network = fitted.swins.networks[folds[sha256]]
        one = inputs[index : index + 1]
        seen = explain(network, one)[0]
        heat[sha256] = encode_heat(seen, faithfulness(network, one, torch.from_numpy(seen)))
    return heat
