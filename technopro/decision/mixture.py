"""How many images belong to the bulk, and how many stand apart: a mixture fitted to evidence.

The bulk is a skew-normal or a Gumbel density (a score that is the worst of many positions tends to
the latter), the defects are a normal density to its right. Each bulk is tried with and without
defects, and Akaike's information criterion chooses: a night whose tail one bulk explains has share
0. The Bayesian criterion asks for more proof as images become more; it kept missing defects that
touch the bulk, and flagged hardly less on clean nights.
"""

from __future__ import annotations

import itertools
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
STEEPEST_EXPONENT = 50.0  # of the Gumbel density, kept finite
NARROWEST = 0.25  # spread of defects
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
        return np.asarray(-z - np.exp(np.minimum(-z, STEEPEST_EXPONENT)) - np.log(scale))
    return np.asarray(np.log(2 / scale) + _log_normal(z) + special.log_ndtr(shape * z))


def _log_normal(z: np.ndarray) -> np.ndarray:
    return np.asarray(-0.5 * z**2 - 0.5 * np.log(2 * np.pi))


def _fit_bulk(bulk: Bulk, sample: Sample) -> Mixture:
    start = np.array([np.median(sample.evidence) - 0.5, 0.0, 1.0])
    return _mixture(bulk, _maximise(bulk, start, sample))


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
    return _mixture(bulk, _maximise(bulk, np.array(start), sample))


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
    return _mixture(mixture.bulk, _maximise(mixture.bulk, np.array(start), sample))


def _mixture(bulk: Bulk, p: np.ndarray) -> Mixture:
    """Three free parameters of a bulk alone, or six with defects, to a mixture within bounds."""
    location, scale, shape = float(p[0]), float(np.exp(p[1])), _shape(bulk, p[2])
    if len(p) < len(BOUNDS):
        return Mixture(bulk, location, scale, shape, 0.0, 0.0, 1.0)
    beyond = APART + np.logaddexp(0, p[4])
    return Mixture(
        bulk,
        location,
        scale,
        shape,
        float(MOST * special.expit(p[3])),
        float(location + _spread(bulk, scale) * beyond),
        max(float(np.exp(p[5])), NARROWEST),
    )


def _shape(bulk: Bulk, raw: float) -> float:
    return float(STEEPEST * np.tanh(raw)) if bulk == "skew_normal" else 0.0


def _spread(bulk: Bulk, scale: float) -> float:
    return scale * (1.0 if bulk == "skew_normal" else float(np.pi / np.sqrt(6)))


def _maximise(bulk: Bulk, start: np.ndarray, sample: Sample) -> np.ndarray:
    count = len(sample.evidence) + len(sample.usual)

    def loss(p: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = log_likelihood_and_slope(bulk, p, sample)
        return -value / count, -slope / count

    bounds = BOUNDS[: len(start)]
    inside = [float(np.clip(v, low, high)) for v, (low, high) in zip(start, bounds, strict=True)]
    search = optimize.minimize(
        loss, inside, method="L-BFGS-B", jac=True, bounds=bounds, options=STOP
    )
    return np.asarray(search.x)


def log_likelihood_and_slope(bulk: Bulk, p: np.ndarray, sample: Sample) -> tuple[float, np.ndarray]:
    """Return the log likelihood of the mixture of free parameters `p`, and its derivative by them.

    `p` is (3,) for a bulk alone, (6,) with defects, within BOUNDS.
    """
    mixture = _mixture(bulk, p)
    usual, by_usual = _bulk_and_slope(mixture, p, sample.usual)
    own, by_own = _bulk_and_slope(mixture, p, sample.evidence)
    slope = np.zeros(len(p))
    if mixture.share == 0:
        slope[:3] = by_own.sum(1) + by_usual.sum(1)
        return float(own.sum() + usual.sum()), slope
    y = (sample.evidence - mixture.centre) / mixture.spread
    bulk_part = np.log1p(-mixture.share) + own
    defect_part = np.log(mixture.share) + mixture.log_defects(sample.evidence)
    both = np.logaddexp(bulk_part, defect_part)
    defective = np.exp(defect_part - both)  # (N,) posterior probability
    by_centre = (defective * y).sum() / mixture.spread
    slope[:3] = ((1 - defective) * by_own).sum(1) + by_usual.sum(1)
    slope[0] += by_centre
    slope[1] += by_centre * (mixture.centre - mixture.location)
    slope[3] = (defective - mixture.share).sum() * (1 - mixture.share / MOST)
    slope[3] /= 1 - mixture.share
    slope[4] = by_centre * _spread(bulk, mixture.scale) * special.expit(p[4])
    slope[5] = (defective * (y**2 - 1)).sum() if np.exp(p[5]) > NARROWEST else 0.0
    return float(both.sum() + usual.sum()), slope


def _bulk_and_slope(
    mixture: Mixture, p: np.ndarray, t: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return (N,) log density of the bulk and its (3, N) derivative by the first parameters."""
    z = (t - mixture.location) / mixture.scale
    by_raw = np.zeros(len(t))
    if mixture.bulk == "gumbel":
        by_z = np.where(-z < STEEPEST_EXPONENT, np.exp(np.minimum(-z, STEEPEST_EXPONENT)), 0.0) - 1
    else:
        lopsided = mixture.shape * z
        mills = np.exp(_log_normal(lopsided) - special.log_ndtr(lopsided))
        by_z = mixture.shape * mills - z
        by_raw = z * mills * STEEPEST / np.cosh(p[2]) ** 2
    return mixture.log_bulk(t), np.stack([-by_z / mixture.scale, -z * by_z - 1, by_raw])
