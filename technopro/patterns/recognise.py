"""Give patterns names that last: known ones are recognised, new ones named after an image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from technopro.patterns.discover import APART, Discovery


def name_patterns(
    discovery: Discovery,
    embeddings: np.ndarray,
    hashes: Sequence[str],
    known: Mapping[str, np.ndarray],
) -> list[str]:
    """Return one name per discovered pattern.

    A pattern whose centre lies within its own spread of a known centre keeps that name; each known
    name is given once. A new one is called `p-` and the first six digits of the SHA-256 of its most
    typical image, so that the same images always give the same name.
    """
    names: list[str] = []
    free = dict(known)
    for number in range(discovery.count):
        members = np.flatnonzero(discovery.labels == number)
        match = _nearest(embeddings[members], discovery.centres[number], free)
        if match is not None:
            free.pop(match)
        names.append(match or _new_name(embeddings, members, discovery.centres[number], hashes))
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


def _new_name(
    embeddings: np.ndarray, members: np.ndarray, centre: np.ndarray, hashes: Sequence[str]
) -> str:
    distance = np.square(embeddings[members] - centre).sum(1)
    return f"p-{hashes[int(members[int(distance.argmin())])][:6]}"


def assign(embeddings: np.ndarray, centres: Mapping[str, np.ndarray]) -> list[str]:
    """Return the name of the nearest centre for each of (N, C) embeddings.

    Channels are weighed by their spread over tonight's images.
    """
    names = list(centres)
    scale = embeddings.std(0) + 1e-6
    stacked = np.stack([centres[n] for n in names]) / scale
    points = embeddings / scale
    distance = (
        np.square(points).sum(1)[:, None] - 2 * points @ stacked.T + np.square(stacked).sum(1)
    )
    return [names[i] for i in distance.argmin(1)]
