"""Two nights of one pattern laid over each other, as HTML."""

from __future__ import annotations

from html import escape
from itertools import pairwise

import numpy as np

from dashboard.charts import BINS, OK, axis_end
from dashboard.drawing import SCORES, Tick, plot
from dashboard.scores import Scores
from dashboard.translations import Language

OTHER = "#cc79a7"  # Okabe & Ito; no decision has this colour
HEIGHT, THICK = 240, 3  # pixels


def shares(scores: Scores) -> np.ndarray:
    """Return the share of the images in each of `BINS` equal bins of scores."""
    counts, _ = np.histogram(scores.ascending, np.linspace(0.0, 1.0, BINS + 1))
    return np.asarray(counts / max(1, len(scores.ascending)))


def laid_over(this: Scores, other: Scores, say: Language) -> str:
    """Return this night's shares as bars, the other's as a line of steps over them.

    Heights grow with the square root of the share, so that single images stay visible.
    """
    own, its = shares(this), shares(other)
    top = axis_end(float(max(own.max(), its.max())))
    bars = "".join(
        f'<i class="tp-bar" title="{_told(at, own, its, say)}" style="'
        f"left:{at / BINS:.2%};width:{1 / BINS:.2%};"
        f'height:{(share / top) ** 0.5:.2%};background-color:{OK}"></i>'
        for at, share in enumerate(own.tolist())
        if share
    )
    heights = np.sqrt(its / top).tolist()
    levels = "".join(
        f'<i title="{_told(at, own, its, say)}" style="left:{at / BINS:.2%};'
        f"width:{1 / BINS:.2%};height:{THICK}px;"
        f'bottom:calc({height:.2%} - {THICK / 2:g}px);background:{OTHER}"></i>'
        for at, height in enumerate(heights)
    )
    sides = "".join(
        f'<i style="left:calc({at / BINS:.2%} - {THICK / 2:g}px);width:{THICK}px;'
        f'bottom:{min(pair):.2%};height:{abs(pair[1] - pair[0]):.2%};background:{OTHER}"></i>'
        for at, pair in enumerate(pairwise(heights), 1)
        if pair[0] != pair[1]
    )
    return plot(
        bars + levels + sides,
        say("scores_compare_title"),
        height=HEIGHT,
        up=[Tick(up, say.percent(top * up**2)) for up in (0.5, 1.0)],
        across=SCORES,
        up_name=say("scores_share_images"),
        across_name=say("score"),
    )


def _told(at: int, own: np.ndarray, its: np.ndarray, say: Language) -> str:
    """Return a bin in words: both nights' shares."""
    between = f"{say('score')} {at / BINS:.3f} – {(at + 1) / BINS:.3f}"
    return escape(f"{between}: {say.percent(own[at])} / {say.percent(its[at])}")
