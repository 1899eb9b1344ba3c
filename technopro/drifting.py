"""Has anything changed since the champions learned? Tonight against the nights before.

Of every scored night a few images a pattern are kept with their embeddings and evidence. A pattern
is compared with the nights that its present champion judged: its evidence is comparable with no
other, and what came before was reason enough to learn anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import safetensors.numpy

from technopro import registry
from technopro.bench import Bench
from technopro.drift.assess import assess
from technopro.drift.figure import DriftFigure, Level
from technopro.drift.sample import NO_EMBEDDINGS, Night, PatternSample, Reference
from technopro.errors import ObjectMissing
from technopro.plant import Progress
from technopro.registry import ModelRow, PastNight
from technopro.results import is_judged
from technopro.score import ask, assignment, faulty_of, members_of
from technopro.store import ObjectStore
from technopro.survey import Faulty

NIGHTS = 14  # that tonight is compared with
KEPT = 200  # images a pattern and night
ODD = "odd"  # embeddings of images that are put to a pattern and say nothing of it
BACKBONE = "backbone"  # SHA-256 of the weights that the embeddings come of


@dataclass(frozen=True)
class Assessment:
    """Tonight's samples, and what has changed."""

    night: Night
    figures: list[DriftFigure]

    def drifted(self, pattern: str) -> bool:
        """Return whether the scores or the look of a pattern have changed."""
        return any(
            figure.pattern == pattern
            and figure.level is Level.DRIFTED
            and figure.kind in ("scores", "embedding")
            for figure in self.figures
        )


def compare_with_past(
    bench: Bench, batch_id: int, champions: Mapping[str, ModelRow], progress: Progress
) -> Assessment:
    """Compare the batch with the nights before it, as its champions see it."""
    night = tonight_sample(bench, champions, progress)
    with registry.unit_of_work(bench.plant.engine) as session:
        past = registry.past_nights(session, batch_id, NIGHTS)
        known = registry.patterns(session)
    heirs = {n: n if n in night.patterns else registry.living_name(known, n) for n in known}
    backbone = bench.extractor.backbone.sha256
    alike = {n: row for n, row in champions.items() if row.backbone.sha256 == backbone}
    nights = (_past(bench.plant.store, one, alike, heirs, backbone) for one in reversed(past))
    reference = Reference(tuple(one for one in nights if one is not None))
    return Assessment(night, assess(night, reference, bench.options.seed))


def tonight_sample(bench: Bench, champions: Mapping[str, ModelRow], progress: Progress) -> Night:
    """Return every judged pattern of the batch: all counted, some with embeddings and evidence."""
    if not champions:
        return Night({})
    judged, _ = assignment(bench, champions)
    samples, odd = {}, []
    for name, parts in judged.items():
        members = members_of(parts)
        faulty = faulty_of(bench, champions[name], parts)
        sound = [i for i in members if bench.hashes[i] not in faulty]
        samples[name] = _sample(bench, champions[name], len(members), sound, progress)
        odd += [i for i in members if _is_odd(faulty.get(bench.hashes[i]))][:KEPT]
    return Night(samples, bench.survey.embeddings[odd])


def _is_odd(faulty: Faulty | None) -> bool:
    return faulty is not None and not is_judged(faulty.fault)


def _sample(
    bench: Bench, row: ModelRow, count: int, sound: list[int], progress: Progress
) -> PatternSample:
    """Images in the order of their SHA-256 are in no order that matters."""
    some = sound[:KEPT]
    hashes = [bench.hashes[i] for i in some]
    _, evidence = ask(bench, row, hashes, progress, f"comparing {row.pattern} with nights before")
    return PatternSample(count, evidence, bench.survey.embeddings[some])


def keep_sample(store: ObjectStore, run_id: str, night: Night, backbone: str) -> str:
    """Store a night's samples, seen by a backbone, for the nights to come; returns their key."""
    seen_by = np.frombuffer(bytes.fromhex(backbone), np.uint8)
    tensors: dict[str, np.ndarray] = {ODD: night.odd.astype(np.float16), BACKBONE: seen_by}
    for name, sample in night.patterns.items():
        tensors[f"{name}/evidence"] = sample.evidence.astype(np.float32)
        tensors[f"{name}/embeddings"] = sample.embeddings.astype(np.float16)
    store.put(_key(run_id), safetensors.numpy.save(tensors))
    return _key(run_id)


def _key(run_id: str) -> str:
    return f"nights/{run_id}.safetensors"


def _past(
    store: ObjectStore,
    past: PastNight,
    champions: Mapping[str, ModelRow],
    heirs: Mapping[str, str],
    backbone: str,
) -> Night | None:
    """Counts of all patterns, and samples of those that the present champion judged.

    `champions` are those of the present `backbone`: its embeddings compare with no other's.

    What was merged since counts for its heir. None where no samples were kept, as by `inspect`,
    which knows nothing of other nights.
    """
    try:
        kept = safetensors.numpy.load(store.get(_key(past.run_id)))
    except ObjectMissing:
        return None
    counts: Counter[str] = Counter()
    for name, count in past.images.items():
        counts[heirs[name]] += count
    samples = {}
    for name, count in counts.items():
        champion = champions.get(name)
        comparable = champion is not None and past.models.get(name) == champion.id
        if comparable and f"{name}/evidence" in kept:
            evidence, look = kept[f"{name}/evidence"], kept[f"{name}/embeddings"]
            samples[name] = PatternSample(count, evidence, look.astype(np.float32))
        else:
            samples[name] = PatternSample(count)
    by_it = BACKBONE in kept and kept[BACKBONE].tobytes().hex() == backbone
    return Night(samples, kept[ODD].astype(np.float32) if by_it else NO_EMBEDDINGS)
