"""The charts, as Altair specifications; Streamlit draws them with its own bundled Vega."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from dashboard.translations import Language
from technopro.results import PatternNight

OK, REVIEW, DEFECT = "#5b8db8", "#e69f00", "#d55e00"  # Okabe & Ito, safe for colour-blind eyes
COLOURS = {"ok": OK, "review": REVIEW, "defect": DEFECT}
ABSTAINED = "#8a9299"
BINS = 40
ROW_PX = 44


def defect_shares(nights: Sequence[PatternNight], say: Language) -> alt.LayerChart | alt.FacetChart:
    """Return one row a pattern: the estimated defect share in percent and its interval."""
    table = pd.DataFrame([_share_row(night) for night in nights])
    colour = alt.condition("datum.separable", alt.value(DEFECT), alt.value(ABSTAINED))
    base = alt.Chart(table).encode(
        y=alt.Y(
            "pattern:N",
            sort=None,
            title=None,
            axis=alt.Axis(labelFontSize=15, labelLimit=260, labelFlush=False),
        )
    )
    axis = alt.Axis(labelFontSize=14, titleFontSize=14, tickCount=6, labelFlush=False)
    top = max(1.0, float(table["high"].max()) * 1.05)
    x = alt.X(
        "low:Q", title=f"{say('defect_share')} (%)", axis=axis, scale=alt.Scale(domain=(0, top))
    )
    tooltip = [
        alt.Tooltip("pattern:N", title=say("pattern")),
        alt.Tooltip("estimate:Q", title=f"{say('defect_share')} (%)", format=".2f"),
        alt.Tooltip("low:Q", title=f"{say('interval')} (%)", format=".2f"),
        alt.Tooltip("high:Q", title=" ", format=".2f"),
    ]
    line = base.mark_rule(strokeWidth=5, strokeCap="round", opacity=0.6).encode(x=x, x2="high:Q")
    point = base.mark_point(size=190, filled=True, opacity=1).encode(x="estimate:Q")
    layers = [layer.encode(color=colour, tooltip=tooltip) for layer in (line, point)]
    return alt.layer(*layers).properties(height=ROW_PX * len(table) + 60)


def score_histogram(
    scores: np.ndarray, night: PatternNight, say: Language
) -> alt.LayerChart | alt.FacetChart:
    """Return how many images have which score, with the threshold and the review band.

    The thresholds are edges of bins, so that no bar belongs to two decisions.
    """
    table = binned(scores, night.review_threshold, night.threshold)
    x = alt.X(
        "left:Q",
        title=say("score"),
        scale=alt.Scale(domain=(0, 1)),
        axis=alt.Axis(values=[0, 0.2, 0.4, 0.6, 0.8, 1], labelFontSize=13, titleFontSize=13),
    )
    y = alt.Y(
        "images:Q",
        title=say("images"),
        scale=alt.Scale(type="sqrt"),
        stack=None,
        axis=alt.Axis(tickCount=4, format="d", labelFontSize=13, titleFontSize=13),
    )
    colour = alt.Color(
        "decision:N",
        scale=alt.Scale(domain=list(COLOURS), range=list(COLOURS.values())),
        legend=None,
    )
    tooltip = [
        alt.Tooltip("left:Q", title=f"{say('score')} ≥", format=".2f"),
        alt.Tooltip("images:Q", title=say("images")),
    ]
    bars = (
        alt.Chart(table)
        .mark_bar(binSpacing=1)
        .encode(x=x, x2="right:Q", y=y, y2="nothing:Q", color=colour, tooltip=tooltip)
    )
    return alt.layer(_band(night), bars, _line(night)).properties(height=190)


def binned(scores: np.ndarray, review_threshold: float, threshold: float) -> pd.DataFrame:
    """Return `left`, `right`, `images`, `decision` of every non-empty bin of scores in 0..1."""
    cuts = np.clip([review_threshold, threshold], 0.0, 1.0)
    edges = np.unique(np.concatenate([np.linspace(0.0, 1.0, BINS + 1), cuts]))
    counts, _ = np.histogram(scores, edges)
    decisions = np.where(
        edges[:-1] >= threshold, "defect", np.where(edges[:-1] >= review_threshold, "review", "ok")
    )
    table = pd.DataFrame(
        {
            "left": edges[:-1],
            "right": edges[1:],
            "images": counts,
            "decision": decisions,
            "nothing": 0,
        }
    )
    return table[table["images"] > 0]


def _share_row(night: PatternNight) -> dict[str, object]:
    share = night.defect_share
    return {
        "pattern": night.pattern,
        "separable": night.separable,
        "estimate": share.estimate * 100,
        "low": share.low * 100,
        "high": share.high * 100,
    }


def _band(night: PatternNight) -> alt.Chart:
    low, high = (min(1.0, t) for t in (night.review_threshold, night.threshold))
    band = pd.DataFrame({"left": [low], "right": [high]})
    shade: alt.Chart = alt.Chart(band).mark_rect(color=REVIEW, opacity=0.2)
    return shade.encode(x="left:Q", x2="right:Q")


def _line(night: PatternNight) -> alt.Chart:
    threshold = pd.DataFrame({"left": [min(1.0, night.threshold)]})
    rule: alt.Chart = alt.Chart(threshold).mark_rule(color=DEFECT, strokeWidth=2)
    return rule.encode(x="left:Q")
