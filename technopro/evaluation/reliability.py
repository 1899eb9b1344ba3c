"""Do scores mean what they say: of images scored about 0.3, are three in ten defective?"""

from __future__ import annotations

import numpy as np
import pandas as pd

EDGES = (0.0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95, 1.0)


def reliability(label: np.ndarray, score: np.ndarray) -> pd.DataFrame:
    """Return a row a range of scores: `images`, mean `score`, share `defective`.

    Ranges without an image are left out; narrow ones lie at both ends, where most scores are.
    """
    ranges = pd.cut(pd.Series(score), EDGES, include_lowest=True)
    frame = pd.DataFrame({"label": np.asarray(label, float), "score": score})
    groups = frame.groupby(ranges, observed=True)
    return groups.agg(
        images=("label", "size"), score=("score", "mean"), defective=("label", "mean")
    ).rename_axis("range")


def calibration_error(label: np.ndarray, score: np.ndarray) -> float:
    """Return the mean gap of score and share over the ranges, weighted by images.

    The expected calibration error of Naeini et al. 2015, on ranges of unequal width.
    """
    table = reliability(label, score)
    return float(np.average((table["score"] - table["defective"]).abs(), weights=table["images"]))
