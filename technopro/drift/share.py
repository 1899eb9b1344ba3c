"""The share of some images among a night's, against the share that is usual.

Nights differ by more than a multinomial: a line makes more of one product tonight. How much more is
read from the reference nights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from technopro.drift.chance import ENOUGH, TAIL


@dataclass(frozen=True)
class ShareChange:
    """Tonight's share against the reference; `p_value` is None where there are too few nights."""

    share: float  # 0 to 1
    usual: float  # share of all images of the reference nights
    p_value: float | None
    low: float  # range expected tonight, 19 nights of 20
    high: float


def share_change(count: int, images: int, counts: np.ndarray, totals: np.ndarray) -> ShareChange:
    """Compare `count` of tonight's `images` with (nights,) `counts` of `totals`; all totals > 0.

    Shares are compared as arcsine of their root, whose sampling variance is 1 / (4 n + 2) whatever
    the share (Anscombe 1948, Biometrika 35:246). What the nights vary beyond that is overdispersion
    and is added to tonight's sampling variance; the difference is judged by Student's t with
    nights - 1 degrees of freedom, so a spread known from few nights counts for less. With fewer
    than ENOUGH nights the range is Wilson's interval of the usual share and no p-value is given.
    """
    usual = float(counts.sum() / totals.sum())
    if len(counts) < ENOUGH:
        return ShareChange(count / images, usual, None, *_wilson(counts.sum(), totals.sum()))
    angles = _angle(counts, totals)
    own = float(angles.var(ddof=1))
    sampling = float((1 / (4 * totals + 2)).mean())
    beyond = max(own - sampling, 0.0)
    spread = np.sqrt(beyond + 1 / (4 * images + 2) + max(own, sampling) / len(counts))
    freedom, centre = len(counts) - 1, float(angles.mean())
    t = (float(_angle(np.array(count), np.array(images))) - centre) / spread
    reach = stats.t.isf(TAIL / 2, freedom) * spread
    low, high = np.sin(np.clip([centre - reach, centre + reach], 0, np.pi / 2)) ** 2
    p_value = float(2 * stats.t.sf(abs(t), freedom))
    return ShareChange(count / images, usual, p_value, float(low), float(high))


def _angle(counts: np.ndarray, totals: np.ndarray) -> np.ndarray:
    return np.asarray(np.arcsin(np.sqrt((counts + 0.375) / (totals + 0.75))))


def _wilson(count: int, images: int) -> tuple[float, float]:
    """Wilson's 95 % interval (1927, JASA 22:209)."""
    interval = stats.binomtest(int(count), int(images)).proportion_ci(1 - TAIL, method="wilson")
    return float(interval.low), float(interval.high)
