"""Give patterns names that last: known ones are recognised, new ones named after an image."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from technopro.patterns.discover import APART, Discovery, by_size, principal
from technopro.patterns.parts import in_parts


@dataclass(frozen=True)
class Known:
    """What earlier nights and people say of patterns."""

    centres: Mapping[str, np.ndarray]
    joined: Mapping[str, str]  # what is merged, and into what
    parts: Sequence[Sequence[str]]  # each the names into which one pattern was split
    taken: Collection[str] = ()  # names that no new pattern can get


NOTHING = Known({}, {}, ())


@dataclass(frozen=True)
class Identity:
    """A pattern of tonight: its name, its images, and where what belongs to it lies."""

    name: str
    parts: Mapping[str, np.ndarray]  # places in the batch by own name, or what was merged into it
    centres: Mapping[str, np.ndarray]  # of the same

    @property
    def members(self) -> np.ndarray:
        """Places in the batch: (n,), rising."""
        return np.sort(np.concatenate(list(self.parts.values())))


def identify(
    discovery: Discovery, embeddings: np.ndarray, hashes: Sequence[str], known: Known
) -> list[Identity]:
    """Return tonight's patterns, the largest first: split and merged as people wished."""
    discovery = _divided(discovery, embeddings, known)
    names = name_patterns(discovery, embeddings, hashes, known.centres, known.taken)
    found: dict[str, list[int]] = {}
    for number, name in enumerate(names):
        found.setdefault(known.joined.get(name, name), []).append(number)
    identities = [
        Identity(
            name,
            {names[k]: np.flatnonzero(discovery.labels == k) for k in numbers},
            {names[k]: discovery.centres[k] for k in numbers},
        )
        for name, numbers in found.items()
    ]
    return sorted(identities, key=lambda one: -len(one.members))


def _divided(discovery: Discovery, embeddings: np.ndarray, known: Known) -> Discovery:
    """Cut discovered patterns that hold several parts of a split one along their centres."""
    if not known.parts:
        return discovery
    parts = np.zeros(len(embeddings), np.int64)
    for number in range(discovery.count):
        members = discovery.labels == number
        parts[members] = _parts_of(embeddings[members], discovery.centres[number], known)
    both = np.stack([discovery.labels, parts], 1)
    return by_size(np.unique(both, axis=0, return_inverse=True)[1].ravel(), embeddings)


def _parts_of(members: np.ndarray, centre: np.ndarray, known: Known) -> list[int]:
    """Return for each image of a discovered pattern which part it is, 0 where there are none."""
    for names in known.parts:
        near = {
            n: known.centres[n]
            for n in names
            if _distance(members, centre, known.centres[n]) < APART
        }
        if len(near) > 1:
            return [list(near).index(n) for n in assign(members, near)[0]]
    return [0] * len(members)


def halves(
    embeddings: np.ndarray, hashes: Sequence[str], seed: int, taken: Collection[str]
) -> list[Identity]:
    """Cut one pattern in two along its greatest difference; both get names that nobody has."""
    from sklearn.cluster import KMeans  # more than a second to import

    labels = KMeans(2, n_init=10, random_state=seed).fit_predict(principal(embeddings))
    found = by_size(labels.astype(np.int64), embeddings)
    return identify(found, embeddings, hashes, replace(NOTHING, taken=taken))


def name_patterns(
    discovery: Discovery,
    embeddings: np.ndarray,
    hashes: Sequence[str],
    known: Mapping[str, np.ndarray],
    taken: Collection[str] = (),
) -> list[str]:
    """Return one name per discovered pattern.

    A pattern whose centre lies within its own spread of a known centre keeps that name; each known
    name is given once. A new one is called `p-` and the first six digits of the SHA-256 of its most
    typical image whose name is not `taken`, so that the same images always give the same name.
    """
    names: list[str] = []
    free, used = dict(known), set(taken)
    for number in range(discovery.count):
        members = np.flatnonzero(discovery.labels == number)
        match = _nearest(embeddings[members], discovery.centres[number], free)
        if match is not None:
            free.pop(match)
        name = match or _new_name(
            embeddings[members] - discovery.centres[number], [hashes[int(i)] for i in members], used
        )
        used.add(name)
        names.append(name)
    return names


def _nearest(
    members: np.ndarray, centre: np.ndarray, known: Mapping[str, np.ndarray]
) -> str | None:
    distances = {
        n: _distance(members, centre, c) for n, c in known.items() if len(c) == len(centre)
    }
    if not distances:
        return None
    name = min(distances, key=lambda n: distances[n])
    return name if distances[name] < APART else None


def _distance(members: np.ndarray, centre: np.ndarray, other: np.ndarray) -> float:
    """How many spreads along the connecting line two centres are apart."""
    axis = other - centre
    length = float(np.linalg.norm(axis))
    if length == 0:
        return 0.0
    spread = float((members @ axis).std()) / length
    return length / max(spread, 1e-9)


def _new_name(from_centre: np.ndarray, hashes: Sequence[str], used: Collection[str]) -> str:
    order = np.square(from_centre).sum(1).argsort(kind="stable")
    names = (f"p-{hashes[int(i)][:6]}" for i in order)
    return next(name for name in names if name not in used)


def assign(
    embeddings: np.ndarray, centres: Mapping[str, np.ndarray]
) -> tuple[list[str], np.ndarray]:
    """Return the name of the nearest centre for each of (N, C) embeddings, and how far it is.

    The distance is the root mean square over the channels, each in units of its spread over
    tonight's images.
    """
    names = list(centres)
    scale = _deviation(embeddings) + 1e-6
    stacked = np.stack([centres[n] for n in names]) / scale
    nearest, distance = [], np.empty(len(embeddings))
    for some in in_parts(len(embeddings)):
        points = embeddings[some] / scale
        across = points @ stacked.T
        squared = np.square(points).sum(1)[:, None] - 2 * across + np.square(stacked).sum(1)
        nearest += [names[i] for i in squared.argmin(1)]
        distance[some] = np.sqrt(np.maximum(squared.min(1), 0) / embeddings.shape[1])
    return nearest, distance


def _deviation(embeddings: np.ndarray) -> np.ndarray:
    """Return the standard deviation of each channel: (C,)."""
    mean = embeddings.mean(0, dtype=np.float64)
    squares = sum(np.square(embeddings[some] - mean).sum(0) for some in in_parts(len(embeddings)))
    return np.asarray(np.sqrt(squares / max(1, len(embeddings))))
