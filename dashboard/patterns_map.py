"""A map of the night: images that look alike lie together; beside it what each pattern is."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import numpy as np
import safetensors.numpy
import streamlit as st

from dashboard.charts import ABSTAINED
from dashboard.drawing import dot, legend, painted, plot
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
FORM_OF = ("circle", "square", "triangle", "diamond", "cross", "down", "right", "left")
HEIGHT, EDGE = 560, 0.03  # pixels; room around the outermost points, of width and height


def look_map(view: View, standing: Standing) -> None:
    """Show the map of a night's kept sample, and typical images of each pattern."""
    say = view.say
    st.subheader(say("map_title"), anchor=False)
    key = _sample_key(view, standing.night.run_id)
    points = {} if key is None else _points(view.plant.store.url, key, view.plant)
    if not points:
        st.write(say("map_nothing"))
        return
    images = sum(map(len, points.values()))
    st.caption(say("map_caption", images=say.count("images_count", images)))
    named = standing.named(leading(standing.trend))
    left, right = st.columns([3, 2], gap="medium")
    left.html(map_chart(points, named, say))
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


def map_chart(points: Mapping[str, np.ndarray], named: Mapping[str, str], say: Language) -> str:
    """Return the map of (N, 2) points a pattern; colour and form tell the pattern."""
    others = say("patterns_others")
    looks = {
        label: (colour, form)
        for (label, colour), form in zip(colours(named).items(), FORM_OF, strict=False)
    } | {others: (ABSTAINED, "dash")}
    everything = np.concatenate(list(points.values()))
    low, high = everything.min(axis=0), everything.max(axis=0)
    middle, spread = (low + high) / 2, np.where(high > low, high - low, 1.0) / (1 - 2 * EDGE)
    labels = {name: named.get(name, others) for name in points}
    marks = [
        dot(x, y, *looks[labels[name]])
        for name, own in points.items()
        for x, y in (0.5 + (own - middle) / spread).tolist()
    ]
    told = ((*looks[label], label) for label in looks if label in labels.values())
    return plot(painted(marks), say("map_title"), height=HEIGHT) + legend(told)


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
def _found_points(store_url: str, key: str, _plant: Plant) -> dict[str, np.ndarray]:
    kept = sample_of(safetensors.numpy.load(_plant.store.get(key)))
    if not kept:
        return {}
    placed = flat(np.concatenate(list(kept.values())))
    ends = np.cumsum([len(points) for points in kept.values()])[:-1]
    return dict(zip(kept, np.split(placed, ends), strict=True))


def _points(store_url: str, key: str, plant: Plant) -> dict[str, np.ndarray]:
    """Return the map's points by pattern; none, which is not remembered, where they are gone."""
    try:
        return _found_points(store_url, key, plant)
    except ObjectMissing:
        return {}
