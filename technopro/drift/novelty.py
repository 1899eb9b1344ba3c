"""Are there pictures of no known pattern, and are they a new pattern?

An embedding is a spatial median, so a local defect hardly moves it: what lies far from every known
pattern shows something else. One such picture is an accident; a group alike is a product.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.spatial.distance import cdist

from technopro.drift.control import BUDGET
from technopro.drift.figure import Finding, Level, percent
from technopro.drift.sample import checked, drawn, order
from technopro.drift.share import ShareChange, share_change
from technopro.errors import InputError
from technopro.patterns.discover import APART, FEWEST, discover, separation

MOST = 500  # images kept of a known pattern
ALIKE = 1e-3  # distance in units of a channel's spread below which pictures are the same
LEAST_SPREAD = 0.05  # of log distances: a pattern of copies is not that certain
EDGE = 0.99  # quantile of a pattern's own distances that its spread must explain


@dataclass(frozen=True)
class Novelty:
    """What belongs to no known pattern."""

    finding: Finding
    novel: np.ndarray  # (N,) bool: unlike every known pattern
    groups: np.ndarray  # (N,) int: number of the new pattern, -1 for all other images


@dataclass(frozen=True)
class Known:
    """A known pattern: where it lies and how far from its centre its own images are."""

    members: np.ndarray  # (n, C) standardised
    centre: np.ndarray  # (C,)
    typical: float  # median of log distances
    spread: float

    @classmethod
    def fit(cls, members: np.ndarray) -> Known:
        """Describe a pattern by (n, C) standardised embeddings.

        The spread of log distances is robust (median absolute deviation), but not below what the
        pattern's own outermost images ask for.
        """
        centre = np.median(members, axis=0)
        logs = _log_distance(members, centre)
        typical = float(np.median(logs))
        robust = float(stats.median_abs_deviation(logs, scale="normal"))
        tail = (float(np.quantile(logs, EDGE)) - typical) / float(stats.norm.ppf(EDGE))
        return cls(members, centre, typical, max(robust, tail, LEAST_SPREAD))

    def oddness(self, points: np.ndarray) -> np.ndarray:
        """Return in units of the spread how much further than usual (N, C) points are: (N,)."""
        return np.asarray((_log_distance(points, self.centre) - self.typical) / self.spread)


def find_novel(
    tonight: np.ndarray,
    known: Mapping[str, np.ndarray],
    nights: Sequence[np.ndarray],
    seed: int,
) -> Novelty:
    """Find which of tonight's (N, C) embeddings belong to no known pattern.

    `known` holds (n, C) reference embeddings of each pattern, `nights` those of each whole
    reference night, (n, C), which tell how many odd pictures are usual. An image is novel if its
    distance from every known centre is beyond that pattern's own distances (log-normal tail,
    Benjamini-Hochberg over the images). A group of at least FEWEST novel images is a new pattern if
    they are nearer to each other than to any known image and Ashman's D from each known pattern, as
    it was and as it is tonight, is at least APART. More odd pictures than usual without such a
    group are at most `watch`.

    Raises InputError for embeddings that are not finite or differ in channels.
    """
    now = checked(tonight, 2, "embeddings of tonight")
    kept = {name: drawn(checked(e, 2, name), MOST, seed) for name, e in known.items()}
    _same_channels(now, [*kept.values(), *nights])
    if len(now) == 0 or not kept:
        nothing = np.zeros(len(now), bool)
        return Novelty(_finding(nothing, [], 0), nothing, nothing.astype(np.int64) - 1)
    everything = np.concatenate([now, *kept.values()])
    shift, scale = everything.mean(0), everything.std(0) + 1e-6
    patterns = [Known.fit((members - shift) / scale) for members in kept.values()]
    points = (now - shift) / scale
    novel = unlike(points, patterns)
    groups = _groups(points, novel, patterns, seed)
    usual = [unlike((night - shift) / scale, patterns) for night in nights if len(night)]
    return Novelty(_finding(novel, usual, int((groups >= 0).sum())), novel, groups)


def unlike(points: np.ndarray, patterns: Sequence[Known]) -> np.ndarray:
    """Return which of (N, C) standardised points belong to none of the patterns: (N,) bool."""
    oddness = np.min([pattern.oddness(points) for pattern in patterns], axis=0)
    return np.asarray(stats.false_discovery_control(stats.norm.sf(oddness)) <= BUDGET)


def _groups(
    points: np.ndarray, novel: np.ndarray, patterns: Sequence[Known], seed: int
) -> np.ndarray:
    """Number the new patterns among the novel points, -1 for all others: (N,)."""
    groups = np.full(len(points), -1, np.int64)
    rows = np.flatnonzero(novel)
    rows = rows[order(points[rows])]  # clusters must not depend on the order of images
    if len(rows) < FEWEST:
        return groups
    labels = discover(points[rows], [(0, 0)] * len(rows), seed).labels
    candidates = [rows[labels == label] for label in np.unique(labels)]
    near = [rows[_near_each_other(points[rows], patterns, seed)] for rows in candidates]
    sides = [pattern.members for pattern in patterns] + _tonight(points, novel, patterns)
    new = [rows for rows in near if len(rows) >= FEWEST and _apart(points[rows], sides)]
    for number, members in enumerate(new):
        groups[members] = number
    return groups


def _near_each_other(group: np.ndarray, patterns: Sequence[Known], seed: int) -> np.ndarray:
    """Return which of (n, C) points are nearer to most of the others than to any known image."""
    fellows = np.median(cdist(group, drawn(group, MOST, seed)), axis=1)
    strangers = np.min([cdist(group, p.members).min(1) for p in patterns], axis=0)
    return np.asarray(fellows < strangers)


def _tonight(points: np.ndarray, novel: np.ndarray, patterns: Sequence[Known]) -> list[np.ndarray]:
    """Return tonight's images of each known pattern that has enough of them.

    The novel ones are the end of what is cut at a limit: where images trail off from a pattern, the
    gap lies in the cut alone, and those before it show that there is none.
    """
    home = np.argmin([pattern.oddness(points) for pattern in patterns], axis=0)
    sides = [points[~novel & (home == number)] for number in range(len(patterns))]
    return [side for side in sides if len(side) >= FEWEST]


def _apart(group: np.ndarray, sides: Sequence[np.ndarray]) -> bool:
    return min(_separation(group, side) for side in sides) >= APART


def _separation(a: np.ndarray, b: np.ndarray) -> float:
    labels = np.r_[np.zeros(len(a), int), np.ones(len(b), int)]
    return separation(np.concatenate([a, b]), labels, 0, 1)


def _finding(novel: np.ndarray, usual: Sequence[np.ndarray], grouped: int) -> Finding:
    odd, images = int(novel.sum()), len(novel)
    change = ShareChange(odd / max(images, 1), 0.0, None, 0.0, 0.0)
    if usual and images:
        odds, totals = ([int(f(u)) for u in usual] for f in (np.sum, len))
        change = share_change(odd, images, np.array(odds), np.array(totals))
    known = change.p_value is not None
    return Finding(
        "novelty",
        None,
        "novel_share",
        change.share,
        # fewer odd pictures than usual are no news
        (change.p_value if change.share > change.usual else 1.0) if known else None,
        change.low if usual else None,
        change.high if usual else None,
        *_words(odd, images, grouped),
        lowest=Level.DRIFTED if grouped else Level.STEADY,
        highest=Level.DRIFTED if grouped else Level.WATCH,
    )


def _words(odd: int, images: int, grouped: int) -> tuple[str, str]:
    if grouped:
        new = f"{grouped} images look like each other and like no known pattern: a new pattern."
        return new, new
    if odd == 0:
        return ("Every picture belongs to a known pattern.",) * 2
    few = f"{odd} of {images} pictures ({percent(odd / images)}) look like no known pattern"
    return f"{few}, which is not unusual.", f"{few}, more than usual, but not like each other."


def _log_distance(points: np.ndarray, centre: np.ndarray) -> np.ndarray:
    return np.asarray(np.log(np.sqrt(np.square(points - centre).mean(1)) + ALIKE))


def _same_channels(now: np.ndarray, others: Sequence[np.ndarray]) -> None:
    channels = {points.shape[1] for points in (now, *others) if len(points)}
    if len(channels) > 1:
        raise InputError(
            f"expected embeddings of one backbone, found {sorted(channels)} channels: leave out "
            "the nights of another backbone"
        )
