"""Has the mix of patterns changed? Counts of tonight against those of the reference nights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from technopro.drift.chance import ENOUGH, TAIL
from technopro.drift.figure import Finding, Level, percent
from technopro.drift.share import ShareChange, share_change
from technopro.errors import InputError

SMOOTHING = 0.5  # images added to every count, so that an absent pattern stays finite
LARGE = 0.25  # PSI customarily called a major change; asked only where nights are too few to tell
SMALL = 5  # expected images below which chi-square's own distribution is not trusted
SHUFFLES = 9999


@dataclass(frozen=True)
class Dispersion:
    """How much more nights vary than images drawn at random."""

    factor: float  # variance of tonight's mix against the reference over that of a multinomial
    directions: float  # along how many directions nights vary, 1 … patterns - 1
    nights: int

    def p_value(self, chi_square: float, patterns: int) -> float:
        """Return the p-value of a chi-square over `patterns` patterns.

        The spread is known from nights, not from their patterns: those of one night share its mood.
        """
        ratio = chi_square / (self.factor * (patterns - 1))
        return float(stats.f.sf(ratio, self.directions, self.nights - 1))

    def expected(self, patterns: int) -> float:
        """Return the chi-square that tonight stays below on 19 nights of 20."""
        ratio = stats.f.isf(TAIL, self.directions, self.nights - 1)
        return float(ratio * self.factor * (patterns - 1))


def compare_mix(
    tonight: Mapping[str, int], nights: Sequence[Mapping[str, int]], seed: int
) -> list[Finding]:
    """Return a finding on the whole mix (PSI) and one on each pattern's share.

    Nights without images are left out; without any left, without images tonight, or with one
    pattern only, nothing is returned. Raises InputError for a negative count.
    """
    names, now, then = _table(tonight, nights)
    if len(names) < 2 or now.sum() == 0 or len(then) == 0:
        return []
    images, totals = int(now.sum()), then.sum(1)
    shares = [
        _on_share(name, share_change(int(count), images, counts, totals), len(then))
        for name, count, counts in zip(names, now, then.T, strict=True)
    ]
    return [_on_mix(now, then, seed), *shares]


def stability_index(tonight: np.ndarray, reference: np.ndarray) -> float:
    """Return the population stability index of two (patterns,) counts, 0 or more.

    PSI = sum of (p - q) log(p / q) (Siddiqi 2006, Credit Risk Scorecards), which is the symmetric
    divergence of Jeffreys (1946) and Kullback and Leibler (1951). Every count gets SMOOTHING more.
    """
    p = (tonight + SMOOTHING) / (tonight.sum() + SMOOTHING * len(tonight))
    q = (reference + SMOOTHING) / (reference.sum() + SMOOTHING * len(reference))
    return float(((p - q) * np.log(p / q)).sum())


def homogeneity(tonight: np.ndarray, reference: np.ndarray, seed: int) -> tuple[float, float]:
    """Return chi-square and p-value of two (patterns,) counts, images taken as independent.

    Where fewer than SMALL images are expected in a cell, the p-value is counted over random tables
    with the same margins. Every pattern must have been seen on one of the two sides.
    """
    table = np.stack([tonight, reference])
    plain = stats.chi2_contingency(table, correction=False)
    if plain.expected_freq.min() >= SMALL:
        return float(plain.statistic), float(plain.pvalue)
    method = stats.MonteCarloMethod(n_resamples=SHUFFLES, rng=np.random.default_rng(seed))
    counted = stats.chi2_contingency(table, correction=False, method=method)
    return float(plain.statistic), float(counted.pvalue)


def dispersion(images: int, nights: np.ndarray) -> Dispersion:
    """Estimate the overdispersion of (nights, patterns) counts, for a night of so many images.

    The factor is Pearson's chi-square of the reference nights over its degrees of freedom, at least
    1; between nights of unequal size it is carried over as 1 + (n - 1) rho with one correlation rho
    of the images of a night (Rao and Scott 1992, Biometrics 48:577). How many directions the nights
    vary along is read from the eigenvalues of their residuals (the second-order correction of Rao
    and Scott 1984, Annals of Statistics 12:46): one product that comes in surges moves all shares
    together.
    """
    n, total = nights.sum(1), nights.sum()
    usual = nights.sum(0) / total
    there = usual > 0
    wanted = n[:, None] * usual[there]
    residuals = (nights[:, there] - wanted) / np.sqrt(wanted)
    spread = np.linalg.eigvalsh(residuals.T @ residuals / (len(n) - 1))
    factor = max(float(spread.sum()) / max(int(there.sum()) - 1, 1), 1.0)
    directions = spread.sum() ** 2 / max(float(np.square(spread).sum()), 1e-12)
    typical = (total - np.square(n).sum() / total) / (len(n) - 1)
    rho = min((factor - 1) / max(typical - 1, 1.0), 1.0)
    variance = (1 + (images - 1) * rho) / images + (n * (1 + (n - 1) * rho)).sum() / total**2
    return Dispersion(float(variance / (1 / images + 1 / total)), max(float(directions), 1), len(n))


def _table(
    tonight: Mapping[str, int], nights: Sequence[Mapping[str, int]]
) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Return the patterns seen, their counts tonight (patterns,) and before (nights, patterns)."""
    names = sorted({*tonight, *(name for night in nights for name in night)})
    now = np.array([tonight.get(name, 0) for name in names], np.int64)
    then = np.array([[night.get(n, 0) for n in names] for night in nights], np.int64)
    then = then.reshape(len(nights), len(names))
    if (now < 0).any() or (then < 0).any():
        raise InputError("expected counts of 0 or more images, found a negative one")
    seen = now + then.sum(0) > 0
    kept = [name for name, there in zip(names, seen, strict=True) if there]
    return kept, now[seen], then[:, seen][then.sum(1) > 0]


def _on_mix(now: np.ndarray, then: np.ndarray, seed: int) -> Finding:
    reference = then.sum(0)
    psi = stability_index(now, reference)
    chi_square, p_value = homogeneity(now, reference, seed)
    high, highest = None, Level.WATCH if psi >= LARGE else Level.STEADY
    if len(then) >= ENOUGH:
        beyond = dispersion(int(now.sum()), then)
        p_value = max(p_value, beyond.p_value(chi_square, len(now)))
        # PSI is chi-square times this (Yurdakul and Naranjo 2020, J. Risk Model Valid. 14:89).
        high = beyond.expected(len(now)) * (1 / now.sum() + 1 / reference.sum())
        highest = Level.DRIFTED
    usual = f"The mix of patterns is as usual (PSI {psi:.2f}){_few(len(then))}."
    changed = f"The mix of patterns is not as usual (PSI {psi:.2f}{_below(high)}){_few(len(then))}."
    low = None if high is None else 0.0
    return Finding("mix", None, "psi", psi, p_value, low, high, usual, changed, highest=highest)


def _on_share(name: str, change: ShareChange, nights: int) -> Finding:
    span = f"{percent(change.low)[:-2]} to {percent(change.high)}"
    what, share = f"The share of {name} among the images", percent(change.share)
    usual = f"{what} is {share} (expected {span}){_few(nights)}."
    changed = f"{what} went from {percent(change.usual)} to {share} (expected {span})."
    values = (change.share, change.p_value, change.low, change.high)
    return Finding("mix", name, "share", *values, usual, changed)


def _below(high: float | None) -> str:
    return "" if high is None else f", usually below {high:.2f}"


def _few(nights: int) -> str:
    if nights >= ENOUGH:
        return ""
    return f"; with {nights} reference night{'s' * (nights > 1)} that is not certain"
