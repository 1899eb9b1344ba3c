"""Two nights of one pattern laid over each other, as an Altair specification."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from dashboard.charts import BINS, OK
from dashboard.scores import Scores
from dashboard.translations import Language

OTHER = "#cc79a7"  # Okabe & Ito; no decision has this colour
HEIGHT, FONT = 260, 13  # pixels


def shares(scores: Scores) -> np.ndarray:
    """Return the share of the images in percent in each of `BINS` equal bins of scores."""
    counts, _ = np.histogram(scores.ascending, np.linspace(0.0, 1.0, BINS + 1))
    return np.asarray(counts * 100.0 / max(1, len(scores.ascending)))


def laid_over(this: Scores, other: Scores, say: Language) -> alt.LayerChart | alt.FacetChart:
    """Return this night's shares as bars, the other's as a line of steps over them."""
    edges = np.linspace(0.0, 1.0, BINS + 1)
    table = pd.DataFrame(
        {"left": edges[:-1], "right": edges[1:], "this": shares(this), "other": shares(other)}
    )
    last = table.iloc[[-1]].assign(left=1.0)  # a step ends where the next begins
    axis = alt.Axis(values=[0, 0.2, 0.4, 0.6, 0.8, 1], labelFontSize=FONT, titleFontSize=FONT)
    x = alt.X("left:Q", title=say("score"), scale=alt.Scale(domain=(0, 1)), axis=axis)
    axis = alt.Axis(tickCount=4, labelFontSize=FONT, titleFontSize=FONT)
    y = alt.Y("this:Q", title=say("scores_share_images"), scale=alt.Scale(type="sqrt"), axis=axis)
    bars = alt.Chart(table).mark_bar(binSpacing=1, color=OK).encode(
        x=x, x2="right:Q", y=y, y2=alt.datum(0)
    )  # fmt: skip
    line = alt.Chart(pd.concat([table, last])).mark_line(
        interpolate="step-after", color=OTHER, strokeWidth=3
    ).encode(x=x, y="other:Q")  # fmt: skip
    return alt.layer(bars, line).properties(height=HEIGHT)
