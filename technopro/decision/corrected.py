"""The defect rate as people found it in a random sample of what the product decided.

Parts are sorted into strata by their decision; from each stratum some are looked at, drawn at
random. Among accepted parts the defects found are escapes, among flagged ones they are the
precision, and parts for review are a stratum of their own. The rate of all is the sum over strata
of weight × rate (Cochran 1977, Sampling Techniques, 3rd edition, section 5.3: stratified sampling).

A stratum's interval is the exact one of Clopper and Pearson (1934, Biometrika 26, 404). Parts are
drawn without replacement, so that what is found varies less than a binomial: the interval is on the
safe side, and cut to what the parts looked at leave possible. A stratum looked at whole is known.

The same stratum of several nights is pooled. That nights differ in their rates only narrows the
distribution (Hoeffding 1956, Ann. Math. Stat. 27, 713); that they differ in the fraction looked at
stretches the interval by the largest ratio of a night's weight among the parts to that in the
sample.

A stratum by itself is told at `level`. The interval of all adds up the strata's ends, each at a
level of 1 - (1 - level)/k for k strata that were sampled (Bonferroni): it holds the true rate at
least as often as `level` says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from technopro.errors import InputError

LEVEL = 0.9
ACCEPTED, FLAGGED = "ok", "defect"  # the strata that have a name of their own


@dataclass(frozen=True)
class Cell:
    """One stratum of one night: how many parts, how many looked at, how many of those defects."""

    stratum: str
    parts: int
    looked: int
    defects: int

    def __post_init__(self) -> None:
        if not 0 <= self.defects <= self.looked <= self.parts:
            raise InputError(
                f"expected 0 <= defects <= looked at <= parts in stratum {self.stratum}, found "
                f"{self.defects}, {self.looked}, {self.parts}"
            )


@dataclass(frozen=True)
class Stratum:
    """Defect rate of one stratum, 0 to 1; `rate` is None where some of it was never sampled."""

    name: str
    parts: int
    looked: int
    defects: int
    rate: float | None
    low: float
    high: float


@dataclass(frozen=True)
class Corrected:
    """Defect rate of all parts, 0 to 1, with an interval of at least `level`.

    `estimate` is None where a stratum that holds parts was not sampled; its rate may then be
    anything from 0 to 1, and the interval says so.
    """

    estimate: float | None
    low: float
    high: float
    level: float
    strata: tuple[Stratum, ...]  # those that hold parts, by name

    @property
    def parts(self) -> int:
        """Number of parts that the rate speaks of."""
        return sum(s.parts for s in self.strata)

    @property
    def looked(self) -> int:
        """Number of parts that people looked at."""
        return sum(s.looked for s in self.strata)

    @property
    def escapes(self) -> Stratum | None:
        """Defects among accepted parts."""
        return next((s for s in self.strata if s.name == ACCEPTED), None)

    @property
    def precision(self) -> Stratum | None:
        """Defects among flagged parts."""
        return next((s for s in self.strata if s.name == FLAGGED), None)


def corrected(cells: Iterable[Cell], level: float = LEVEL) -> Corrected:
    """Return the defect rate of all parts in `cells`; without any part it may be anything."""
    by_name: dict[str, list[Cell]] = {}
    for cell in cells:
        if cell.parts:
            by_name.setdefault(cell.stratum, []).append(cell)
    guessed = sum(any(0 < c.looked < c.parts for c in own) for own in by_name.values())
    strata, summed = (
        tuple(_stratum(name, own, at) for name, own in sorted(by_name.items()))
        for at in (level, 1 - (1 - level) / max(1, guessed))
    )
    if not strata:
        return Corrected(None, 0.0, 1.0, level, ())
    weights = np.array([s.parts for s in strata]) / sum(s.parts for s in strata)
    rates = [s.rate for s in strata if s.rate is not None]
    return Corrected(
        float(weights @ rates) if len(rates) == len(strata) else None,
        float(weights @ [s.low for s in summed]),
        min(1.0, float(weights @ [s.high for s in summed])),
        level,
        strata,
    )


def _stratum(name: str, cells: Sequence[Cell], level: float) -> Stratum:
    """Pool the nights that were sampled; the parts of the others are anything from 0 to 1."""
    sampled = [c for c in cells if c.looked]
    parts, known = sum(c.parts for c in cells), sum(c.parts for c in sampled)
    looked, defects = sum(c.looked for c in sampled), sum(c.defects for c in sampled)
    rate, low, high = _pooled(sampled, level) if sampled else (0.0, 0.0, 0.0)
    low = max(known * low, defects) / parts
    high = min(known * high + parts - known, parts - (looked - defects)) / parts
    return Stratum(name, parts, looked, defects, rate if known == parts else None, low, high)


def _pooled(cells: Sequence[Cell], level: float) -> tuple[float, float, float]:
    """Return rate, low and high of all parts of nights that were each sampled."""
    parts, looked, defects = (
        np.array(values, float)
        for values in zip(*((c.parts, c.looked, c.defects) for c in cells), strict=True)
    )
    rate = float((parts * defects / looked).sum() / parts.sum())
    ratio = (parts / parts.sum()) / (looked / looked.sum())
    least, most = float(ratio.min()), float(ratio.max())
    low, high = exact_interval(int(defects.sum()), int(looked.sum()), level)
    return (
        rate,
        max(least * low, 1 - most * (1 - low)),
        min(most * high, 1 - least * (1 - high)),
    )


@lru_cache(4096)
def exact_interval(defects: int, looked: int, level: float) -> tuple[float, float]:
    """Return the ends of the interval of Clopper and Pearson; 0 and 1 where nothing was seen."""
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    low = float(betaincinv(defects, looked - defects + 1, tail)) if defects else 0.0
    high = float(betaincinv(defects + 1, looked - defects, 1 - tail)) if defects < looked else 1.0
    return low, high
