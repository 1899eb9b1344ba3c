"""A map of the night: images that look alike lie together; beside it what each pattern is."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import altair as alt
import numpy as np
import pandas as pd
import safetensors.numpy
import streamlit as st

from dashboard.charts import ABSTAINED, show_chart
from dashboard.frame import View
from dashboard.patterns import Standing
from dashboard.patterns_trend import colours, leading
from dashboard.thumbnails import pictures
from dashboard.translations import Language
from technopro import registry
from technopro.errors import ObjectMissing
from technopro.plant import Plant
from technopro.registry.typical import typical

POINTS = 1200  # on the map, over all patterns
LOOK = "/embeddings"  # how the names of a pattern's embeddings end, see `technopro.drifting`
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right",
          "triangle-left")  # fmt: skip
HEIGHT = 600  # pixels


def look_map(view: View, standing: Standing) -> None:
    """Show the map of a night's kept sample, and typical images of each pattern."""
    say = view.say
    st.subheader(say("map_title"), anchor=False)
    key = _sample_key(view, standing.night.run_id)
    table = None if key is None else _points(view.plant.store.url, key, view.plant)
    if table is None or table.empty:
        st.write(say("map_nothing"))
        return
    st.caption(say("map_caption", images=say.count("images_count", len(table))))
    named = standing.named(leading(standing.trend))
    labels = [named.get(name, say("patterns_others")) for name in table["pattern"]]
    left, right = st.columns([3, 2], gap="medium")
    with left:
        show_chart(map_chart(table.assign(label=labels), named, say), say("map_title"))
    with right:
        _typical(view, standing, named)


def sample_of(kept: Mapping[str, np.ndarray], most: int = POINTS) -> dict[str, np.ndarray]:
    """Return the embeddings by pattern, (N, D) float32, as many of each as there is room for."""
    found = {
        name.removesuffix(LOOK): points for name, points in kept.items()
        if name.endswith(LOOK) and len(points)
    }  # fmt: skip
    room = max(1, most // max(1, len(found)))
    return {name: points[:room].astype(np.float32) for name, points in sorted(found.items())}


def flat(points: np.ndarray) -> np.ndarray:
    """Return (N, D) points as (N, 2), along the two directions in which they spread most (PCA).

    The sign of each direction is that which makes its largest part positive.
    """
    centred = points - points.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)  # (min(N, D), D)
    axes = axes[:2]
    largest = axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)]
    placed = centred @ (axes * np.where(largest < 0, -1, 1)[:, None]).T
    return np.pad(placed, ((0, 0), (0, 2 - placed.shape[1])))


def map_chart(table: pd.DataFrame, named: Mapping[str, str], say: Language) -> alt.Chart:
    """Return the map; colour and shape tell the pattern."""
    shades = {**colours(named), say("patterns_others"): ABSTAINED}
    forms = dict(zip(named.values(), SHAPES, strict=False)) | {say("patterns_others"): "stroke"}
    present = [label for label in shades if (table["label"] == label).any()]
    legend = alt.Legend(title=None, orient="bottom", columns=3, labelFontSize=14, labelLimit=240)
    axis = alt.Axis(title=None, labels=False, ticks=False, domain=False, grid=True)
    chart: alt.Chart = alt.Chart(table).mark_point(filled=True, size=55, opacity=0.75)
    return chart.encode(
        x=alt.X("x:Q", axis=axis, scale=alt.Scale(zero=False, nice=False, padding=16)),
        y=alt.Y("y:Q", axis=axis, scale=alt.Scale(zero=False, nice=False, padding=16)),
        color=alt.Color("label:N", legend=legend, scale=alt.Scale(
            domain=present, range=[shades[one] for one in present])),
        shape=alt.Shape("label:N", legend=legend, scale=alt.Scale(
            domain=present, range=[forms[one] for one in present])),
        tooltip=[alt.Tooltip("label:N", title=say("pattern"))],
    ).properties(height=HEIGHT)  # fmt: skip


def _typical(view: View, standing: Standing, named: Mapping[str, str]) -> None:
    st.caption(view.say("typical_caption"))
    present = [name for name in named if name in standing.images]
    with view.session() as session:
        found = {name: typical(session, standing.night.run_id, name) for name in present}
    for name, hashes in found.items():
        label = named[name]
        st.html(f'<span style="color:{colours(named)[label]}">⬤</span> <b>{escape(label)}</b>')
        pictures(view, hashes, view.say("typical_alt", pattern=label))


def _sample_key(view: View, run_id: str) -> str | None:
    with view.session() as session:
        key = registry.run_row(session, run_id).figures.get("sample")
    return key if isinstance(key, str) else None


@st.cache_data(max_entries=8, show_spinner=False)
def _found_points(store_url: str, key: str, _plant: Plant) -> pd.DataFrame:
    kept = sample_of(safetensors.numpy.load(_plant.store.get(key)))
    if not kept:
        return pd.DataFrame({"pattern": [], "x": [], "y": []})
    placed = flat(np.concatenate(list(kept.values())))
    names = [name for name, points in kept.items() for _ in range(len(points))]
    return pd.DataFrame({"pattern": names, "x": placed[:, 0], "y": placed[:, 1]})


def _points(store_url: str, key: str, plant: Plant) -> pd.DataFrame | None:
    """Return the map's points; None, which is not remembered, where the sample is gone."""
    try:
        return _found_points(store_url, key, plant)
    except ObjectMissing:
        return None
