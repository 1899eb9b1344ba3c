"""From evidence to a score, by the curve that a calibration keeps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

SURE = 6.0  # log odds beyond which the score approaches 0 or 1 ever more slowly
LEAST_SLOPE = 0.002  # log odds per unit of evidence, beyond the curve's ends


def scores(evidence: np.ndarray, at: Sequence[float], log_odds: Sequence[float]) -> np.ndarray:
    """Return the probability of a defect of each evidence, by a curve through `at`, `log_odds`.

    Beyond its ends it rises slowly, and is kept from saturating, so that no order is lost.
    """
    x, y = np.asarray(at), np.asarray(log_odds)
    odds = np.interp(evidence, x, y)
    odds += LEAST_SLOPE * (np.maximum(evidence - x[-1], 0) + np.minimum(evidence - x[0], 0))
    return np.asarray(1.0 / (1.0 + np.exp(-_squash(odds))))


def _squash(log_odds: np.ndarray) -> np.ndarray:
    """Keep log odds within +-6 as they are and let them grow logarithmically beyond."""
    beyond = np.maximum(np.abs(log_odds) - SURE, 0.0)
    return np.asarray(np.sign(log_odds) * (np.minimum(np.abs(log_odds), SURE) + np.log1p(beyond)))
