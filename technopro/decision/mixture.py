"""How many images belong to the bulk, and how many stand apart: a mixture fitted to evidence.

The bulk is a skew-normal or a Gumbel density (a score that is the worst of many positions tends to
the latter), the defects are a normal density to its right. Each bulk is tried with and without
defects, and Akaike's information criterion chooses: a night whose tail one bulk explains has share
0. The Bayesian criterion asks for more proof as images become more; it kept missing defects that
touch the bulk, and flagged hardly less on clean nights.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import optimize, special

Bulk = Literal["skew_normal", "gumbel"]
BULKS: tuple[Bulk, ...] = ("skew_normal", "gumbel")
FIRST_SHARES = (0.03, 0.12, 0.3)  # where the search starts
_SMALLEST = FIRST_SHARES[0]
DEFECT_PARAMETERS = 3  # share, centre, spread
MOST = 0.5  # a minority, by assumption
STOP = {"ftol": 1e-7, "maxiter": 60}
BOUNDS = (  # of location, log scale, raw shape, logit of share, softplus gap, log spread
    (-6.0, 6.0),
    (-3.0, 2.5),
    (-2.0, 2.0),
    (-6.0, 4.0),
    (-6.0, 40.0),
    (-1.4, 3.5),
)
STEEPEST = 8.0  # skew-normal shape
APART = 2.0  # defects lie on average at least so many bulk spreads to the right


@dataclass(frozen=True)
class Mixture:
    """A fitted density of evidence."""

    bulk: Bulk
    location: float
    scale: float
    shape: float  # of the skew-normal; 0 for the Gumbel
    share: float  # of defects, 0 to 0.5
    centre: float  # of the defects
    spread: float

    def log_bulk(self, t: np.ndarray) -> np.ndarray:
        return _log_bulk(self.bulk, t, self.location, self.scale, self.shape)

    def log_defects(self, t: np.ndarray) -> np.ndarray:
        return np.asarray(_log_normal((t - self.centre) / self.spread) - np.log(self.spread))


@dataclass(frozen=True)
class Sample:
    """Evidence of images, and what sound ones are known to have, which may be empty."""

    evidence: np.ndarray  # (N,) standardised
    usual: np.ndarray  # (M,) on the same scale; the bulk must explain it too

    def __post_init__(self) -> None:
        for name in ("evidence", "usual"):  # the search needs gradients of single rounding errors
            object.__setattr__(self, name, np.asarray(getattr(self, name), np.float64))

    def log_likelihood(self, mixture: Mixture) -> float:
        both = log_density(mixture, self.evidence).sum() + mixture.log_bulk(self.usual).sum()
        return float(both)


def fit_mixture(sample: Sample) -> Mixture:
    """Return the mixture of lowest information criterion."""
    alone = [_fit_bulk(bulk, sample) for bulk in BULKS]
    both = [
        _fit_both(bulk, sample, share) for bulk, share in itertools.product(BULKS, FIRST_SHARES)
    ]
    return min((*alone, *both), key=lambda m: _criterion(m, sample))


def refit(mixture: Mixture, sample: Sample) -> tuple[Mixture, bool]:
    """Fit the same bulk anew, with and without defects; cheap enough for resampling.

    Returns also whether the defects are proven: by the Bayesian criterion (Schwarz 1978), which
    asks for more than Akaike's.
    """
    alone = _fit_bulk(mixture.bulk, sample)
    both = (
        _improve(mixture, sample)
        if mixture.share > 0
        else _fit_both(mixture.bulk, sample, _SMALLEST)
    )
    gained = sample.log_likelihood(both) - sample.log_likelihood(alone)
    proven = gained > DEFECT_PARAMETERS / 2 * np.log(len(sample.evidence))
    return min((alone, both), key=lambda m: _criterion(m, sample)), bool(proven)


def _criterion(mixture: Mixture, sample: Sample) -> float:
    """Akaike's information criterion (1974): lower is better."""
    parameters = (3 if mixture.bulk == "skew_normal" else 2) + (
        DEFECT_PARAMETERS if mixture.share > 0 else 0
    )
    return 2 * parameters - 2 * sample.log_likelihood(mixture)


def log_density(mixture: Mixture, t: np.ndarray) -> np.ndarray:
    """Return the log density of the whole mixture at t."""
    if mixture.share == 0:
        return mixture.log_bulk(t)
    bulk = np.log1p(-mixture.share) + mixture.log_bulk(t)
    return np.asarray(np.logaddexp(bulk, np.log(mixture.share) + mixture.log_defects(t)))


def _log_bulk(bulk: Bulk, t: np.ndarray, location: float, scale: float, shape: float) -> np.ndarray:
    z = (t - location) / scale
    if bulk == "gumbel":
        return np.asarray(-z - np.exp(np.minimum(-z, 50.0)) - np.log(scale))
    return np.asarray(np.log(2 / scale) + _log_normal(z) + special.log_ndtr(shape * z))


def _log_normal(z: np.ndarray) -> np.ndarray:
    return np.asarray(-0.5 * z**2 - 0.5 * np.log(2 * np.pi))


def _fit_bulk(bulk: Bulk, sample: Sample) -> Mixture:
    def mixture(p: np.ndarray) -> Mixture:
        return Mixture(bulk, p[0], np.exp(p[1]), _shape(bulk, p[2]), 0.0, 0.0, 1.0)

    start = np.array([np.median(sample.evidence) - 0.5, 0.0, 1.0])
    return mixture(_maximise(mixture, start, sample))


def _fit_both(bulk: Bulk, sample: Sample, share: float) -> Mixture:
    """Start from the bulk of the least suspicious images and defects beyond it."""
    order = np.sort(sample.evidence)
    cut = min(len(order) - 2, round(len(order) * (1 - share)))
    body, tail = _fit_bulk(bulk, Sample(order[:cut], sample.usual)), order[cut:]
    unit = _spread(bulk, body.scale)
    gap = np.clip((tail.mean() - body.location) / unit - APART, 0.3, 25.0)
    start = [
        body.location,
        np.log(body.scale),
        np.arctanh(np.clip(body.shape / STEEPEST, -0.95, 0.95)),
        special.logit(np.clip(share / MOST, 0.01, 0.95)),
        np.log(np.expm1(gap)),
        np.log(max(tail.std(), 0.5)),
    ]
    return _with_defects(bulk, _maximise(lambda p: _with_defects(bulk, p), np.array(start), sample))


def _improve(mixture: Mixture, sample: Sample) -> Mixture:
    """Search on from a mixture that is nearly right."""
    gap = (mixture.centre - mixture.location) / _spread(mixture.bulk, mixture.scale) - APART
    start = [
        mixture.location,
        np.log(mixture.scale),
        np.arctanh(np.clip(mixture.shape / STEEPEST, -0.95, 0.95)),
        special.logit(mixture.share / MOST),
        np.log(np.expm1(max(gap, 1e-3))),
        np.log(mixture.spread),
    ]
    search = _maximise(lambda p: _with_defects(mixture.bulk, p), np.array(start), sample)
    return _with_defects(mixture.bulk, search)


def _with_defects(bulk: Bulk, p: np.ndarray) -> Mixture:
    """Six free parameters to a mixture that keeps its bounds."""
    scale = float(np.exp(p[1]))
    beyond = APART + np.log1p(np.exp(np.clip(p[4], -30, 30)))
    return Mixture(
        bulk,
        float(p[0]),
        scale,
        _shape(bulk, p[2]),
        float(MOST * special.expit(p[3])),
        float(p[0] + _spread(bulk, scale) * beyond),
        max(float(np.exp(p[5])), 0.25),
    )


def _shape(bulk: Bulk, raw: float) -> float:
    return float(STEEPEST * np.tanh(raw)) if bulk == "skew_normal" else 0.0


def _spread(bulk: Bulk, scale: float) -> float:
    return scale * (1.0 if bulk == "skew_normal" else float(np.pi / np.sqrt(6)))


def _maximise(
    mixture: Callable[[np.ndarray], Mixture], start: np.ndarray, sample: Sample
) -> np.ndarray:
    count = len(sample.evidence) + len(sample.usual)

    def loss(p: np.ndarray) -> float:
        value = -sample.log_likelihood(mixture(p)) / count
        return value if np.isfinite(value) else 1e6

    bounds = BOUNDS[: len(start)]
    inside = [float(np.clip(v, low, high)) for v, (low, high) in zip(start, bounds, strict=True)]
    return np.asarray(
        optimize.minimize(loss, inside, method="L-BFGS-B", bounds=bounds, options=STOP).x
    )
