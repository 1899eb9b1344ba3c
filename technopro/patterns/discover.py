"""Find the product patterns in a batch without being told how many there are.

An image is embedded by the spatial median of every backbone channel: what most of its surface
looks like. A local defect does not move a median, so defects do not become patterns of their own.
The embeddings are cut into many small clusters, and the two that are least apart are merged until
all that remain are clearly apart.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

FIRST_CLUSTERS = 24  # before merging
FEWEST = 12  # images; smaller clusters join their nearest neighbour
APART = 8.0  # Ashman's D: a normal density cut in two has 2.7, patterns have 10 and more
COMPONENTS = 16


@dataclass(frozen=True)
class Discovery:
    """Which pattern each image belongs to, the largest first."""

    labels: np.ndarray  # (N,) int
    centres: np.ndarray  # (patterns, C), in the space of the embeddings

    @property
    def count(self) -> int:
        return len(self.centres)


def embed(stages: list[torch.Tensor]) -> np.ndarray:
    """Return the spatial medians of (B, C, h, w) stage maps: (B, sum of C) float32."""
    import torch  # the dashboard reads drift without it

    return torch.cat([s.flatten(2).median(2).values for s in stages], 1).cpu().numpy()


def discover(embeddings: np.ndarray, shapes: list[tuple[int, int]], seed: int) -> Discovery:
    """Group (N, C) embeddings; images looked at in different shapes are never one pattern."""
    labels = np.zeros(len(embeddings), np.int64)
    offset = 0
    for shape in sorted(set(shapes)):
        same = np.flatnonzero([s == shape for s in shapes])
        labels[same] = _group(embeddings[same], seed) + offset
        offset = labels.max() + 1
    return by_size(labels, embeddings)


def _group(embeddings: np.ndarray, seed: int) -> np.ndarray:
    """Over-cluster, then merge what is not apart: (n,) labels 0 …"""
    points = principal(embeddings)
    distinct = len(np.unique(points.round(6), axis=0))
    count = min(FIRST_CLUSTERS, len(points) // FEWEST, distinct)
    if count < 2:
        return np.zeros(len(points), np.int64)
    from sklearn.cluster import KMeans  # more than a second to import

    labels = KMeans(count, n_init=4, random_state=seed).fit_predict(points).astype(np.int64)
    while True:
        kinds, sizes = np.unique(labels, return_counts=True)
        if len(kinds) < 2:
            break
        pairs = {p: separation(points, labels, *p) for p in itertools.combinations(kinds, 2)}
        small = set(kinds[sizes < FEWEST])
        urgent = {p: d for p, d in pairs.items() if small & set(p)} or pairs
        (keep, drop), distance = min(urgent.items(), key=lambda item: item[1])
        if distance >= APART and not small:
            break
        labels[labels == drop] = keep
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def separation(points: np.ndarray, labels: np.ndarray, a: int, b: int) -> float:
    """Return Ashman's D of two clusters along the line through their centres.

    D = |difference of means| / sqrt(mean of variances) (Ashman et al. 1994, AJ 108:2348).
    """
    left, right = points[labels == a], points[labels == b]
    axis = right.mean(0) - left.mean(0)
    length = float(np.linalg.norm(axis))
    if length == 0:
        return 0.0
    spread = np.sqrt(((left @ axis).var() + (right @ axis).var()) / 2) / length
    return length / max(float(spread), 1e-9)


def principal(embeddings: np.ndarray) -> np.ndarray:
    """Standardise and keep the leading principal components: (n, at most 16)."""
    z = (embeddings - embeddings.mean(0)) / (embeddings.std(0) + 1e-6)
    u, s, _ = np.linalg.svd(z, full_matrices=False)
    return np.asarray((u * s)[:, :COMPONENTS])


def by_size(labels: np.ndarray, embeddings: np.ndarray) -> Discovery:
    """Renumber the patterns, the largest first; ties keep the order of first appearance."""
    kinds, first, sizes = np.unique(labels, return_index=True, return_counts=True)
    order = sorted(range(len(kinds)), key=lambda i: (-sizes[i], first[i]))
    place = {int(kinds[i]): rank for rank, i in enumerate(order)}
    renumbered = np.array([place[int(label)] for label in labels], np.int64)
    centres = [np.median(embeddings[renumbered == k], axis=0) for k in range(len(kinds))]
    return Discovery(renumbered, np.stack(centres) if centres else np.zeros((0, 0)))
