"""From a batch to candidates: discover the patterns, learn each, store its model."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
import safetensors.numpy
import torch
from sqlalchemy.orm import Session

from technopro import __version__, registry
from technopro.alerting import tell_new_pattern
from technopro.bench import Bench, shapes_of
from technopro.checkpoints import Checkpoints
from technopro.due import Due, Reason
from technopro.errors import InputError
from technopro.features.scratch import scratch_folder
from technopro.identities import tonight
from technopro.learner.fitted import Swins, restore_swins
from technopro.learner.learn import Learned, learn_pattern
from technopro.learner.plan import FEWEST, PLANS, enough
from technopro.learner.prepare import Images
from technopro.learner.seen import seen_tensors
from technopro.patterns.faults import Usual
from technopro.patterns.recognise import Identity
from technopro.plant import Plant, Progress
from technopro.pseudolabel.swin import swin_recipe
from technopro.registry import ModelRow, PseudoLabelRow
from technopro.results import Backbone
from technopro.stored import load_model


@dataclass(frozen=True)
class Trained:
    """One pattern's new model."""

    pattern: str
    model_id: int
    parts: Mapping[str, Sequence[str]]  # SHA-256s it learned from, by own name or what was merged
    seconds: dict[str, float]


@dataclass(frozen=True)
class Order:
    """What a retrain run was asked for."""

    batch_id: int
    run_id: str
    version: str  # of the models that it makes
    known: bool  # patterns of earlier batches keep their names
    must_learn: bool  # something, or it has failed
    told: Mapping[str, float]  # verdicts as soft labels, by SHA-256


def retrain_batch(
    bench: Bench, order: Order, progress: Progress, due: Due
) -> tuple[list[Trained], dict[str, float]]:
    """Learn every pattern of the batch that is due and has enough images.

    Returns also seconds per stage. What a run that died had learned already is not learned again,
    where patterns are `known`; otherwise a run judges by its own models alone.
    Raises InputError where no pattern has enough images, and one must be learned or none ever was.
    """
    started = perf_counter()
    found = tonight(bench, order.known)
    discovered = perf_counter() - started
    trained, steady = [], 0
    for number, one in enumerate(found, 1):
        parts = {name: members.tolist() for name, members in one.parts.items()}
        usual = {name: bench.survey.usual(members) for name, members in parts.items()}
        faulty = bench.survey.faulty(parts, usual)
        sound = [i for i in one.members.tolist() if bench.hashes[i] not in faulty]
        if not enough([bench.hashes[i] for i in sound]):
            continue
        reason = due(one, sound)
        if reason is None:
            steady += 1
            continue
        what = f"{one.name}, pattern {number} of {len(found)}"
        trained.append(_train(bench, order, one, sound, usual, reason, what, progress))
    if not (trained or steady) and (order.must_learn or not _has_champions(bench.plant)):
        raise InputError(
            f"expected at least {FEWEST} different sound pictures of one pattern, found "
            f"{len(bench.records)} readable images in {len(found)} pattern(s); add images and "
            "run again"
        )
    return trained, {"patterns": discovered}


def _has_champions(plant: Plant) -> bool:
    with registry.unit_of_work(plant.engine) as session:
        return bool(registry.champions(session))


def _train(
    bench: Bench,
    order: Order,
    one: Identity,
    sound: Sequence[int],
    usual: Mapping[str, Usual],
    reason: Reason,
    what: str,
    progress: Progress,
) -> Trained:
    hashes = [bench.hashes[i] for i in sound]
    shape = shapes_of([bench.records[sound[0]]])[0]
    swin = swin_recipe(bench.machine.device, bench.plant.settings.swin_weights)
    before = _before(bench, one.name, shape, swin) if reason is Reason.DRIFTED else None
    lesson = _lesson(bench, hashes, shape, swin, order.told, before)
    taught = set(hashes)
    parts = {
        name: [h for i in members if (h := bench.hashes[i]) in taught]
        for name, members in one.parts.items()
    }
    with registry.unit_of_work(bench.plant.engine) as session:
        left = registry.left_behind(session, one.name, lesson) if order.known else None
    if left is not None:
        progress(f"{what}: learned by a run that died", 1, 1)
        return Trained(one.name, left.id, parts, {})
    memory = Checkpoints(bench.plant.store, lesson)
    images = Images(hashes, bench.load, shape, bench.sight.features)
    learned = _learn(bench, images, swin, order.told, before, what, progress, memory)
    facts = {
        **_facts(bench, learned, usual),
        "reason": reason.value,
        "goes_on_from": before and before.row.version,
        "lesson": lesson,
    }
    model_id = _keep(bench.plant, order, one, learned, facts)
    memory.clear()
    return Trained(one.name, model_id, parts, learned.seconds)


@dataclass(frozen=True)
class Before:
    """A champion and its Swins, which can go on."""

    row: ModelRow
    swins: Swins


def _before(
    bench: Bench, name: str, shape: tuple[int, int], swin: Mapping[str, Any]
) -> Before | None:
    """Return the champion if its Swins read the same as new ones would, and have a say in it."""
    with registry.unit_of_work(bench.plant.engine) as session:
        champion = registry.champions(session).get(name)
    if champion is None:  # retired while others were learned
        return None
    recipe = champion.recipe
    same = recipe["swin"] == swin and recipe["shape"] == list(shape)
    if not same or not recipe["blend"]["weights"].get("swin", 0) > 0:
        return None
    return Before(champion, restore_swins(load_model(bench.plant.store, champion)))


def _lesson(
    bench: Bench,
    hashes: Sequence[str],
    shape: tuple[int, int],
    swin: Mapping[str, Any],
    told: Mapping[str, float],
    before: Before | None,
) -> str:
    """Return the SHA-256 of everything that a model is made of: equal lessons give equal models."""
    made_of = {
        "images": sorted(hashes),
        "shape": shape,
        "told": sorted((h, told[h]) for h in hashes if h in told),
        "seed": bench.options.seed,
        "profile": bench.options.profile,
        "threads": torch.get_num_threads(),
        "device": bench.machine.device.type,
        "precision": str(bench.machine.precision),
        "backbone": bench.extractor.backbone.sha256,
        "swin": dict(swin),
        "before": before and before.row.weights_sha256,
        "code": __version__,
    }
    return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()


def _learn(
    bench: Bench,
    images: Images,
    swin: Mapping[str, Any],
    told: Mapping[str, float],
    before: Before | None,
    what: str,
    tell: Progress,
    memory: Checkpoints,
) -> Learned:
    with scratch_folder() as scratch:
        return learn_pattern(
            images,
            bench.extractor,
            bench.machine,
            swin,
            PLANS[bench.options.profile],
            scratch / "views",
            bench.options.seed,
            lambda stage, done, total: tell(f"{what}: {stage}", done, total),
            told,
            memory,
            before.swins if before else None,
        )


def _facts(bench: Bench, learned: Learned, usual: Mapping[str, Usual]) -> dict[str, Any]:
    """What the recipe records beside the model itself."""
    backbone = bench.extractor.backbone
    return {
        "backbone": {"name": backbone.name, "source": backbone.source, "sha256": backbone.sha256},
        "precision": str(bench.machine.precision).removeprefix("torch."),
        "device": bench.machine.device.type,
        "profile": bench.options.profile,
        "seed": bench.options.seed,
        "images": len(learned.hashes),
        "usual": {name: own.to_json() for name, own in usual.items()},
        "rounds": learned.history,
        "seconds": learned.seconds,
    }


def _keep(
    plant: Plant, order: Order, one: Identity, learned: Learned, facts: dict[str, Any]
) -> int:
    """Store the weights, then the row of a candidate; returns its id."""
    model = learned.fitted.to_model(one.name, facts)
    seen = seen_tensors(learned.hashes, learned.evidence)
    tensors = model.tensors | seen | learned.flight.tensors()
    data = safetensors.numpy.save({k: np.ascontiguousarray(v) for k, v in tensors.items()})
    key = f"models/{order.version}/{one.name}.safetensors"
    plant.store.put(key, data)
    calibration = learned.fitted.calibration
    with registry.unit_of_work(plant.engine) as session:
        _record_patterns(session, order, one, facts["backbone"]["sha256"])
        model_id = registry.record_model(
            session,
            order.run_id,
            order.version,
            one.name,
            weights_key=key,
            weights_sha256=hashlib.sha256(data).hexdigest(),
            recipe=model.recipe,
            metrics={"auc_estimate": calibration.quality.estimate, "images": facts["images"]},
            backbone=Backbone(**facts["backbone"]),
            learned_from=learned.hashes,
        )
        registry.record_pseudo_labels(session, model_id, _pseudo_labels(learned))
        session.commit()
    return model_id


def _record_patterns(session: Session, order: Order, one: Identity, backbone: str) -> None:
    """Record where a pattern lies, with an alert where it is new; on the first night all are."""
    before = registry.patterns(session)
    for name, centre in one.centres.items():
        registry.record_pattern(
            session, name, batch_id=order.batch_id, centroid=centre.tolist(), backbone=backbone
        )
    first_night = all(row.batch_id == order.batch_id for row in before.values())
    if order.known and one.name not in before and not first_night:
        tell_new_pattern(session, order.run_id, one.name)


def _pseudo_labels(learned: Learned) -> list[PseudoLabelRow]:
    """What each image was in the last round; nothing where there were no rounds."""
    flight = learned.flight
    if not len(flight.labels):
        return []
    told = zip(learned.hashes, flight.labels[-1], flight.instability, strict=True)
    return [
        PseudoLabelRow(h, None if np.isnan(label) else float(label), float(spread))
        for h, label, spread in told
    ]
