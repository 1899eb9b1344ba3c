"""How the scores of a night lie, as HTML: drawn with the page, in its theme, at any width."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

import numpy as np

from dashboard.charts import ABSTAINED, BINS, DEFECT, OK, REVIEW
from dashboard.drawing import SCORES, Tick, plot
from dashboard.samples import decided
from dashboard.translations import Language
from technopro.results import Decision, PatternNight

STEPS = (1, 2, 3, 5, 10)  # of a quarter of the axis, times a power of ten
CSS = f"""
<style>
  .tp-hist-ok {{ background-color: {OK}; }} .tp-hist-review {{ background-color: {REVIEW}; }}
  .tp-hist-defect {{ background-color: {DEFECT}; }}
  .tp-hist-unknown {{ background-color: {ABSTAINED}; }}
  .tp-hist-band {{ bottom: 0; height: 100%; background: {REVIEW}; opacity: .2; }}
  .tp-hist-line {{ bottom: 0; height: 100%; width: 2px; margin-left: -1px;
    background: {DEFECT}; }}
</style>
"""


class Bar(NamedTuple):
    """Images of one decision whose scores lie from `left` to `right`."""

    left: float
    right: float
    images: int
    decision: str


def binned(scores: np.ndarray, review_threshold: float, threshold: float) -> list[Bar]:
    """Return every non-empty bin of scores in 0 to 1.

    The thresholds are edges of bins, so that no bar belongs to two decisions.
    """
    cuts = np.clip([review_threshold, threshold], 0.0, 1.0)
    edges = np.unique(np.concatenate([np.linspace(0.0, 1.0, BINS + 1), cuts]))
    counts, _ = np.histogram(scores, edges)
    decisions = np.where(
        edges[:-1] >= threshold, "defect", np.where(edges[:-1] >= review_threshold, "review", "ok")
    )
    columns = (edges[:-1], edges[1:], counts, decisions)
    bars = (Bar(*row) for row in zip(*(c.tolist() for c in columns), strict=True))
    return [bar for bar in bars if bar.images]


def score_histogram(
    scores: np.ndarray, night: PatternNight, say: Language, height: int = 170
) -> str:
    """Return how many images have which score, with threshold and review band, `height` px high.

    Heights grow with the square root of the number, so that single defects stay visible.
    """
    threshold = night.threshold if night.separable else math.inf  # nothing is called a defect
    found = binned(scores, night.review_threshold, threshold)
    top = axis_top(max((bar.images for bar in found), default=0))
    low, high = (min(1.0, t) for t in (night.review_threshold, threshold))
    band = f'<i class="tp-hist-band" style="left:{low:.2%};width:{max(0.0, high - low):.2%}"></i>'
    line = f'<i class="tp-hist-line" style="left:{high:.2%}"></i>' if threshold <= 1 else ""
    bars = "".join(
        f'<i class="tp-bar tp-hist-{_called(bar, night)}" title="{_told(bar, say)}" style="'
        f"left:{bar.left:.2%};width:{bar.right - bar.left:.2%};"
        f'height:{(bar.images / top) ** 0.5:.2%}"></i>'
        for bar in found
    )
    return plot(
        band + bars + line,
        _in_words(found, night, say),
        height=height,
        up=[Tick(up, say.number(round(top * up**2))) for up in (0.5, 1.0)],
        across=SCORES,
        up_name=say("images"),
        across_name=say("score"),
    )


def axis_top(most: int) -> int:
    """Return where the axis of numbers up to `most` ends: four times a round number."""
    power = 1
    while True:
        for step in STEPS:
            if 4 * step * power >= most:
                return 4 * step * power
        power *= 10


def _called(bar: Bar, night: PatternNight) -> str:
    return decided(Decision(bar.decision), night.separable)


def _told(bar: Bar, say: Language) -> str:
    images = say.count("images_count", bar.images)
    return escape(f"{say('score')} {bar.left:.2f} – {bar.right:.2f}: {images}")


def _in_words(bars: Sequence[Bar], night: PatternNight, say: Language) -> str:
    """Return the drawing for who cannot see it."""
    images: Counter[str] = Counter()
    for bar in bars:
        images[_called(bar, night)] += bar.images
    parts = [f"{say(f'decision_{what}')}: {say.number(n)}" for what, n in sorted(images.items())]
    cuts = (
        f"{say('review_threshold')} {night.review_threshold:.2f}",
        f"{say('threshold')} {night.threshold:.2f}",
    )
    return ", ".join((say("scores_title"), *cuts, *parts))
