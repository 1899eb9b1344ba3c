"""What the tests are fed: one pattern in one night, and the nights to compare with.

Scores are comparable only if one model version gave them, embeddings only from one backbone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from technopro.errors import InputError
from technopro.patterns.discover import FEWEST

NO_EVIDENCE = np.zeros(0)
NO_EMBEDDINGS = np.zeros((0, 0))


@dataclass(frozen=True)
class PatternSample:
    """One pattern in one night; either array may be missing or hold only some of the images.

    Of a reference night some 400 images a pattern are enough. Raises InputError for values that are
    not finite and for arrays that do not fit each other.
    """

    count: int  # images
    evidence: np.ndarray = field(default_factory=lambda: NO_EVIDENCE)  # (n,) any monotone score
    embeddings: np.ndarray = field(default_factory=lambda: NO_EMBEDDINGS)  # (n, C)

    def __post_init__(self) -> None:
        checked(self.evidence, 1, "evidence")
        checked(self.embeddings, 2, "embeddings")
        sizes = {n for n in (len(self.evidence), len(self.embeddings)) if n}
        if len(sizes) > 1 or self.count < max(sizes, default=0):
            raise InputError(
                f"expected evidence and embeddings of the same images, at most {self.count}; found "
                f"{len(self.evidence)} and {len(self.embeddings)}: pass both for the same images"
            )

    def without(self, rows: np.ndarray) -> PatternSample:
        """Return the sample without the images of the (n,) mask `rows`."""
        evidence = self.evidence[~rows] if len(self.evidence) else self.evidence
        return PatternSample(self.count - int(rows.sum()), evidence, self.embeddings[~rows])


@dataclass(frozen=True)
class Night:
    """One night by pattern.

    `odd` are embeddings of images that say nothing of the pattern they are nearest to, such as dark
    or foreign ones: one is an accident of the camera, a group alike may be a new product.
    """

    patterns: Mapping[str, PatternSample]
    odd: np.ndarray = field(default_factory=lambda: NO_EMBEDDINGS)  # (n, C)

    @property
    def counts(self) -> dict[str, int]:
        return {name: sample.count for name, sample in self.patterns.items()}

    @property
    def images(self) -> int:
        return sum(self.counts.values())

    def embeddings(self) -> np.ndarray:
        """Return the embeddings of all patterns in the order of `patterns`: (N, C)."""
        return _joined([sample.embeddings for sample in self.patterns.values()])

    def looks(self) -> np.ndarray:
        """Return the embeddings, then the odd ones: (N, C)."""
        return _joined([self.embeddings(), self.odd])


@dataclass(frozen=True)
class Reference:
    """The nights to compare with, oldest first.

    Take nights on which the pattern's model was sound. A slow drift inside the reference widens
    what is taken for usual; it is found by the order of the nights (see `trend`). Seven nights see
    a change of six times the usual one, fourteen of four times.
    """

    nights: tuple[Night, ...]

    def evidence(self, pattern: str) -> list[np.ndarray]:
        """Return a pattern's evidence on the nights that have enough of it."""
        return _enough([n.patterns[pattern].evidence for n in self.nights if pattern in n.patterns])

    def embeddings(self, pattern: str) -> list[np.ndarray]:
        """Return a pattern's embeddings on the nights that have enough of them."""
        return _enough(
            [n.patterns[pattern].embeddings for n in self.nights if pattern in n.patterns]
        )

    @property
    def patterns(self) -> list[str]:
        return sorted({name for night in self.nights for name in night.patterns})


def checked(values: np.ndarray, dimensions: int, what: str) -> np.ndarray:
    """Return finite float64 values of so many dimensions, or raise InputError."""
    array = np.asarray(values, np.float64)
    if array.ndim != dimensions:
        raise InputError(f"expected {what} of {dimensions} dimension(s), found {array.ndim}")
    if not np.isfinite(array).all():
        wrong = int((~np.isfinite(array)).sum())
        raise InputError(
            f"expected finite {what}, found {wrong} value(s) that are not: leave those images out"
        )
    return array


def drawn(values: np.ndarray, most: int, seed: int) -> np.ndarray:
    """Return at most `most` of the (n,) or (n, C) values, drawn at random.

    They are sorted first, so that the same images give the same draw in whatever order they come.
    """
    ordered = np.asarray(values[order(values)])
    if len(ordered) <= most:
        return ordered
    chosen = np.random.default_rng([seed, len(ordered)]).choice(len(ordered), most, replace=False)
    return np.asarray(ordered[np.sort(chosen)])


def order(values: np.ndarray) -> np.ndarray:
    """Return an order of the (n,) or (n, C) values that depends on nothing but them: (n,) int.

    Rows are compared as bytes, which is a hundred times faster than channel by channel.
    """
    if values.size == 0:
        return np.arange(len(values))
    rows = np.ascontiguousarray(values, np.float64).reshape(len(values), -1)
    return np.asarray(np.argsort(rows.view(f"V{rows.itemsize * rows.shape[1]}").ravel()))


def _joined(parts: list[np.ndarray]) -> np.ndarray:
    held = [part for part in parts if len(part)]
    return np.concatenate(held) if held else NO_EMBEDDINGS


def _enough(arrays: list[np.ndarray]) -> list[np.ndarray]:
    return [array for array in arrays if len(array) >= FEWEST]
