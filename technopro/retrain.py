"""From a batch to candidates: discover the patterns, learn each, store its model."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import safetensors.numpy

from technopro import registry
from technopro.errors import InputError
from technopro.features.extract import Extractor, open_extractor
from technopro.features.sizing import working_shape
from technopro.forecast import Forecast, forecast
from technopro.intake import decode, image_key
from technopro.learner.learn import Learned, learn_pattern
from technopro.learner.plan import FEWEST, PLANS, enough
from technopro.learner.prepare import Images
from technopro.learner.seen import seen_tensors
from technopro.patterns.discover import discover
from technopro.patterns.faults import Usual
from technopro.patterns.recognise import name_patterns
from technopro.plant import Options, Plant, Progress, choose_device, use_threads
from technopro.pseudolabel.inputs import Machine
from technopro.pseudolabel.swin import swin_recipe
from technopro.results import Backbone, ImageRecord
from technopro.survey import Survey, survey

Announce = Callable[[Forecast], None]


@dataclass(frozen=True)
class Bench:
    """The images of a batch and the machine that looks at them."""

    plant: Plant
    options: Options
    records: tuple[ImageRecord, ...]  # one a distinct image, by SHA-256
    extractor: Extractor
    machine: Machine
    survey: Survey
    forecast: Forecast | None  # of a retrain

    @property
    def hashes(self) -> Sequence[str]:
        return self.survey.hashes

    def load(self, sha256: str) -> np.ndarray:
        """Return the (H, W, 3) uint8 pixels of an image."""
        return self.survey.load(sha256)


def open_bench(
    plant: Plant,
    batch_id: int,
    options: Options,
    progress: Progress,
    announce: Announce | None = None,
) -> Bench:
    """Read a recorded batch, load the backbone onto the chosen device, look at every image.

    `announce`, where given, is told before the work what a retrain is expected to cost.
    """
    with registry.unit_of_work(plant.engine) as session:
        records = registry.batch_records(session, batch_id)
    distinct = {record.sha256: record for record in records}
    device = choose_device(options.device)
    use_threads(options.threads)
    settings = plant.settings
    extractor = open_extractor(
        settings.backbone,
        settings.backbone_weights,
        device,
        endpoint_url=settings.s3_endpoint_url,
    )
    hashes = sorted(distinct)
    ordered = tuple(distinct[sha256] for sha256 in hashes)
    expected = None
    if announce is not None:
        expected = forecast(_shapes(ordered), extractor, options.profile)
        announce(expected)
    looked = survey(
        hashes,
        lambda sha256: decode(plant.store.get(image_key(sha256))),
        extractor,
        lambda done, total: progress("looking at the images", done, total),
    )
    machine = Machine(device, extractor.precision)
    return Bench(plant, options, ordered, extractor, machine, looked, expected)


def _shapes(records: Sequence[ImageRecord]) -> list[tuple[int, int]]:
    return [working_shape(record.height, record.width) for record in records]


@dataclass(frozen=True)
class Trained:
    """One pattern's new model."""

    pattern: str
    model_id: int
    hashes: Sequence[str]  # of the images that it learned from
    seconds: dict[str, float]


def retrain_batch(
    bench: Bench,
    batch_id: int,
    run_id: str,
    version: str,
    known: bool,
    told: Mapping[str, float],
    progress: Progress,
) -> tuple[list[Trained], dict[str, float]]:
    """Learn every pattern of the batch that has enough images; returns also seconds per stage.

    With `known`, patterns of earlier batches keep their names; `told` are verdicts as soft labels,
    by SHA-256. Raises InputError where no pattern has enough images.
    """
    started = perf_counter()
    embeddings = bench.survey.embeddings
    shapes = _shapes(bench.records)
    discovery = discover(embeddings, shapes, bench.options.seed)
    names = name_patterns(discovery, embeddings, bench.hashes, _known(bench.plant, known))
    discovered = perf_counter() - started
    trained = []
    for number, name in enumerate(names):
        members = np.flatnonzero(discovery.labels == number).tolist()
        usual = bench.survey.usual(members)
        faulty = bench.survey.faulty(members, usual)
        sound = [i for i in members if bench.hashes[i] not in faulty]
        if not enough([bench.hashes[i] for i in sound]):
            continue
        what = f"pattern {number + 1} of {len(names)}"
        learned = _learn(bench, sound, shapes[sound[0]], told, what, progress)
        facts = _facts(bench, learned, discovery.centres[number], usual)
        model_id = _keep(bench.plant, run_id, batch_id, version, name, learned, facts)
        trained.append(Trained(name, model_id, learned.hashes, learned.seconds))
    if not trained:
        raise InputError(
            f"expected at least {FEWEST} different sound pictures of one pattern, found "
            f"{len(bench.records)} readable images in {discovery.count} pattern(s); add images and "
            "run again"
        )
    return trained, {"patterns": discovered}


def _known(plant: Plant, wanted: bool) -> dict[str, np.ndarray]:
    if not wanted:
        return {}
    with registry.unit_of_work(plant.engine) as session:
        return {n: np.asarray(c) for n, c in registry.known_patterns(session).items()}


def _learn(
    bench: Bench,
    members: Sequence[int],
    shape: tuple[int, int],
    told: Mapping[str, float],
    what: str,
    tell: Progress,
) -> Learned:
    images = Images([bench.hashes[i] for i in members], bench.load, shape)
    device = bench.machine.device
    with tempfile.TemporaryDirectory(prefix="technopro-") as scratch:
        return learn_pattern(
            images,
            bench.extractor,
            bench.machine,
            swin_recipe(device, bench.plant.settings.swin_weights),
            PLANS[bench.options.profile],
            Path(scratch) / "views",
            bench.options.seed,
            lambda stage, done, total: tell(f"{what}: {stage}", done, total),
            told,
        )


def _facts(bench: Bench, learned: Learned, centre: np.ndarray, usual: Usual) -> dict[str, Any]:
    """What the recipe records beside the model itself."""
    backbone = bench.extractor.backbone
    return {
        "backbone": {"name": backbone.name, "source": backbone.source, "sha256": backbone.sha256},
        "precision": str(bench.machine.precision).removeprefix("torch."),
        "device": bench.machine.device.type,
        "profile": bench.options.profile,
        "seed": bench.options.seed,
        "images": len(learned.hashes),
        "centre": [float(v) for v in centre],
        "usual": usual.to_json(),
        "rounds": learned.history,
        "seconds": learned.seconds,
    }


def _keep(
    plant: Plant,
    run_id: str,
    batch_id: int,
    version: str,
    pattern: str,
    learned: Learned,
    facts: dict[str, Any],
) -> int:
    """Store the weights, then the row of a candidate; returns its id."""
    model = learned.fitted.to_model(pattern, facts)
    seen = seen_tensors(learned.hashes, learned.evidence)
    tensors = model.tensors | seen | learned.flight.tensors()
    data = safetensors.numpy.save({k: np.ascontiguousarray(v) for k, v in tensors.items()})
    key = f"models/{version}/{pattern}.safetensors"
    plant.store.put(key, data)
    calibration = learned.fitted.calibration
    with registry.unit_of_work(plant.engine) as session:
        registry.record_pattern(session, pattern, batch_id=batch_id, centroid=facts["centre"])
        model_id = registry.record_model(
            session,
            run_id,
            version,
            pattern,
            weights_key=key,
            weights_sha256=hashlib.sha256(data).hexdigest(),
            recipe=model.recipe,
            metrics={"auc_estimate": calibration.quality.estimate, "images": facts["images"]},
            backbone=Backbone(**facts["backbone"]),
            learned_from=learned.hashes,
        )
        session.commit()
    return model_id
