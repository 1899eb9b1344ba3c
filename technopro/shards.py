"""Images looked at and scored in shards, here or on other workers, with the same result.

A shard names its images and its model, and the checkpoint that its result goes to, whose name is a
hash of all that the result depends on. So it does not matter who did a shard, and nothing is done
twice: what a night's retrain has looked at and scored, its scoring takes from there.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import numpy as np

from technopro import __version__, registry
from technopro.checkpoints import Checkpoints, Tensors
from technopro.errors import InputError
from technopro.features.extract import batches
from technopro.learner.fitted import FittedPattern, restore
from technopro.learner.prepare import CHUNK
from technopro.plant import Options, Plant, Tick
from technopro.registry import ModelRow
from technopro.sight import Sight, open_sight
from technopro.stored import load_model
from technopro.survey import Looks, look_at

LEAST = 32  # chunks in a shard: whole ones, so that networks see the same as in one process
MOST = 256  # … for Prefect takes parameters of 512 KB at most
SHARDS_A_WORKER = 2  # more would start more processes, fewer would leave a worker idle
WORK = "shards"  # their checkpoints
EXPOSURE = "exposure."


@dataclass(frozen=True)
class Shard:
    """Images of one batch to be looked at, or to be scored by a model."""

    name: str  # of the checkpoint with the result
    hashes: tuple[str, ...]
    model_id: int | None = None
    folds: tuple[int, ...] = ()  # of each image, where there is a model


class Spread(Protocol):
    """Has shards done by others."""

    @property
    def workers(self) -> int:
        """How many others there are."""
        ...

    def __call__(self, shards: Sequence[Shard], tick: Tick) -> None:
        """Return when they are done, or as many as can be."""
        ...


@dataclass
class Shards:
    """Looks and scores by shards, several where there is a `spread` and work for more than one."""

    sight: Sight
    spread: Spread | None = None
    checkpoints: Checkpoints = field(init=False)

    def __post_init__(self) -> None:
        self.checkpoints = Checkpoints(self.sight.store, WORK)

    def _parts(self, count: int) -> list[slice]:
        """Cut so many images into shards: of the largest size where nobody would do another.

        A run that dies goes on after the last whole one.
        """
        if self.spread is None:
            return list(batches(count, MOST * CHUNK)) or [slice(0, 0)]
        if count <= LEAST * CHUNK:
            return [slice(0, count)]
        chunks, workers = math.ceil(count / CHUNK), max(1, self.spread.workers)
        rounds = max(SHARDS_A_WORKER, math.ceil(chunks / (MOST * workers)))
        own = max(LEAST, math.ceil(chunks / (rounds * workers)))
        return list(batches(count, own * CHUNK))

    def looks(self, hashes: Sequence[str], tick: Tick) -> Looks:
        """Look at every image once."""
        shards = [
            Shard(shard_name(self.sight, hashes[part]), tuple(hashes[part]))
            for part in self._parts(len(hashes))
        ]
        return _joined(self._results(shards, partial(_look, self.sight), tick), len(hashes))

    def evidence(
        self,
        row: ModelRow,
        fitted: FittedPattern,
        hashes: Sequence[str],
        folds: Mapping[str, int],
        tick: Tick,
    ) -> np.ndarray:
        """Return (N,): what a model says of images, each scored by the part of its fold."""
        if not hashes:
            return np.zeros(0)
        sight, shards = self.sight.of(row), []
        for part in self._parts(len(hashes)):
            own = tuple(folds[h] for h in hashes[part])
            name = shard_name(sight, hashes[part], row, own)
            shards.append(Shard(name, tuple(hashes[part]), row.id, own))
        results = self._results(shards, partial(_score, sight, fitted), tick)
        return np.concatenate([result["evidence"] for result in results])

    def _results(
        self, shards: Sequence[Shard], here: Callable[[Shard, Tick], Tensors], tick: Tick
    ) -> Iterator[Tensors]:
        """Yield what comes of each shard: already there, done by others, or else done here."""
        total, before = sum(len(one.hashes) for one in shards), 0
        if self.spread is not None and len(shards) > 1:
            self._hand_out(self.spread, shards, total, tick)
        for shard in shards:
            result: Tensors | None = self.checkpoints.get(shard.name)
            if result is None:
                result = here(shard, partial(_more, tick, before, total))
                self.checkpoints.put(shard.name, result)
            before += len(shard.hashes)
            tick(before, total)
            yield result

    def _hand_out(self, spread: Spread, shards: Sequence[Shard], total: int, tick: Tick) -> None:
        """Have others do the shards that are not there."""
        missing = [shard for shard in shards if not self.checkpoints.has(shard.name)]
        if missing:
            done = len(shards) - len(missing)
            spread(missing, lambda more, _: tick(total * (done + more) // len(shards), total))


def do_shard(plant: Plant, shard: Shard, options: Options) -> None:
    """Do a shard that another process asked for, and keep its result in the store.

    Raises InputError where the result would be another one than in the process that asked.
    """
    sight = open_sight(plant, options)
    row = None
    if shard.model_id is not None:
        with registry.unit_of_work(plant.engine) as session:
            row = registry.model_by_id(session, shard.model_id)
        sight = sight.of(row)
    own = shard_name(sight, shard.hashes, row, shard.folds)
    if own != shard.name:
        backbone = sight.extractor.backbone
        raise InputError(
            f"expected the release, backbone and device of the process that asked; found here "
            f"{__version__}, {backbone.name} {backbone.sha256[:12]}…, {sight.machine.device.type}: "
            "give all workers the same TECHNOPRO_BACKBONE, TECHNOPRO_BACKBONE_WEIGHTS and release"
        )
    if row is None:
        result = _look(sight, shard)
    else:
        result = _score(sight, restore(load_model(plant.store, row), sight.machine.device), shard)
    Checkpoints(plant.store, WORK).put(shard.name, result)


def shard_name(
    sight: Sight,
    hashes: Sequence[str],
    row: ModelRow | None = None,
    folds: Sequence[int] = (),
) -> str:
    """Return the name of the checkpoint with what comes of a shard."""
    depends_on = {
        "images": list(hashes),
        "folds": list(folds),
        "weights": row and row.weights_sha256,
        "backbone": sight.extractor.backbone.sha256,
        "precision": str(sight.machine.precision),
        "device": sight.machine.device.type,
        "code": __version__,
    }
    return hashlib.sha256(json.dumps(depends_on, sort_keys=True).encode()).hexdigest()


def _more(tick: Tick, before: int, total: int, done: int, _own: int) -> None:
    """Tell of what is done of one shard among all."""
    tick(before + done, total)


def _untold(_done: int, _total: int) -> None:
    """Tell nobody."""


def _look(sight: Sight, shard: Shard, tick: Tick = _untold) -> Tensors:
    looks = look_at(shard.hashes, sight.load, sight.extractor, tick)
    exposures = {EXPOSURE + name: values for name, values in looks.exposures.items()}
    return {"embeddings": looks.embeddings, "bits": looks.bits, **exposures}


def _joined(parts: Iterator[Tensors], count: int) -> Looks:
    """Put parts of `count` images together, one at a time."""
    whole: dict[str, np.ndarray] = {}
    start = 0
    for part in parts:
        for name, values in part.items():
            if not start:
                whole[name] = np.empty((count, *values.shape[1:]), values.dtype)
            whole[name][start : start + len(values)] = values
        start += len(part["bits"])
    exposures = {n.removeprefix(EXPOSURE): v for n, v in whole.items() if n.startswith(EXPOSURE)}
    return Looks(whole["embeddings"], exposures, whole["bits"])


def _score(sight: Sight, fitted: FittedPattern, shard: Shard, tick: Tick = _untold) -> Tensors:
    folds = dict(zip(shard.hashes, shard.folds, strict=True))
    evidence = sight.evidence(fitted, shard.hashes, folds, tick)
    return {"evidence": evidence}
