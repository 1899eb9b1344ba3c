"""The first look at a batch: what each surface looks like, and how each picture was taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from technopro.features.ahead import read_ahead
from technopro.features.extract import Extractor, batches
from technopro.features.looker import Load
from technopro.features.sizing import resize
from technopro.intake.exposure import Exposure, expose, exposure_table
from technopro.learner.prepare import CHUNK
from technopro.patterns.discover import embed
from technopro.patterns.duplicates import HASH_SIDE, near_duplicates, perceptual_hash
from technopro.patterns.faults import Usual, camera_faults, learn_usual
from technopro.results import Fault

LOOK = (224, 224)  # pixels at which patterns are told apart
Parts = Mapping[str, Sequence[int]]  # places in the batch by own name, or what was merged


@dataclass(frozen=True)
class Faulty:
    """What is wrong with a picture; of a duplicate, the image it repeats."""

    fault: Fault
    like: str | None = None  # SHA-256


@dataclass(frozen=True)
class Looks:
    """What is seen of N images at a first look."""

    embeddings: np.ndarray  # (N, C): spatial medians, see `embed`
    exposures: dict[str, np.ndarray]  # (N,) each
    bits: np.ndarray  # (N, 256) perceptual hashes


@dataclass(frozen=True)
class Survey:
    """Figures of N images, by SHA-256 in order."""

    hashes: Sequence[str]
    embeddings: np.ndarray  # (N, C): spatial medians, see `embed`
    exposures: dict[str, np.ndarray]  # (N,) each
    bits: np.ndarray  # (N, 256) perceptual hashes
    load: Load
    _copies: dict[tuple[int, ...], dict[int, int]] = field(default_factory=dict, repr=False)

    def usual(self, members: Sequence[int]) -> Usual:
        """Learn what is usual for these images, all of one look."""
        return learn_usual(self._exposures(members), self.embeddings[members])

    def faulty(self, parts: Parts, usual: Mapping[str, Usual]) -> dict[str, Faulty]:
        """Return by SHA-256 which images of a pattern say nothing, or nothing new.

        Each is held to what is `usual` for its own part of the pattern: what people merged into it
        may lie under another lamp.
        """
        found, sound = {}, []
        for name, members in parts.items():
            faults = camera_faults(usual[name], self._exposures(members), self.embeddings[members])
            for i, fault in zip(members, faults, strict=True):
                if fault is None:
                    sound.append(i)
                else:
                    found[self.hashes[i]] = Faulty(fault)
        sound.sort()
        for second, first in self._duplicates(tuple(sound)).items():
            found[self.hashes[sound[second]]] = Faulty(Fault.DUPLICATE, self.hashes[sound[first]])
        return found

    def _duplicates(self, members: tuple[int, ...]) -> dict[int, int]:
        """Looked for once: a retrain and the scoring after it ask the same."""
        if members not in self._copies:
            hashes = [self.hashes[i] for i in members]
            self._copies[members] = near_duplicates(self.bits[list(members)], hashes, self.load)
        return self._copies[members]

    def _exposures(self, members: Sequence[int]) -> dict[str, np.ndarray]:
        return {name: values[members] for name, values in self.exposures.items()}


def look_at(
    hashes: Sequence[str], load: Load, extractor: Extractor, tell: Callable[[int, int], None]
) -> Looks:
    """Look at every image once; memory grows by a few hundred numbers an image."""

    def see(part: slice) -> list[tuple[np.ndarray, Exposure, np.ndarray]]:
        images = [load(sha256) for sha256 in hashes[part]]
        return [(resize(image, LOOK), expose(image), perceptual_hash(image)) for image in images]

    # In one piece each: small arrays kept among the pictures of a chunk would hold their room.
    embeddings = np.zeros((0, 0), np.float32)
    bits = np.zeros((len(hashes), HASH_SIDE**2), bool)
    exposures = {name: np.zeros(len(hashes)) for name in exposure_table([])}
    parts = list(batches(len(hashes), CHUNK))
    for part, seen in zip(parts, read_ahead(parts, see), strict=True):
        images, light, hashed = zip(*seen, strict=True)
        own = embed(extractor.stages(np.stack(images)))
        if not len(embeddings):
            embeddings = np.zeros((len(hashes), own.shape[1]), own.dtype)
        embeddings[part] = own
        for name, values in exposure_table(light).items():
            exposures[name][part] = values
        bits[part] = hashed
        tell(part.stop, len(hashes))
    return Looks(embeddings, exposures, bits)
