"""Two models on the same images: how their scores lie, and where they differ most."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import altair as alt
import pandas as pd
import streamlit as st

from dashboard.address import distinct, remember, start
from dashboard.charts import DEFECT, OK, show_chart
from dashboard.frame import View
from dashboard.thumbnails import tile
from dashboard.translations import Language
from technopro.registry.compare import Compared, Pair, compared, counted, disagreements, pairs

HEIGHT = 420  # pixels
DECISIONS = {"ok": "tp-ok", "review": "tp-review", "defect": "tp-defect"}


def comparison(view: View, pattern: str) -> None:
    """Let people choose two runs of one batch, and show what the models make of it."""
    say = view.say
    with view.session() as session:
        found = {key_of(pair): pair for pair in pairs(session, pattern)}
    if not found:
        st.info(say("compare_none"))
        st.write(say("compare_how"))
        return
    keys = list(found)
    called = distinct({key: _label(view, pair) for key, pair in found.items()})
    key = st.selectbox(
        say("compare_pair"), keys, keys.index(start("pair", keys, keys[0])), key="pair",
        format_func=called.__getitem__, on_change=remember,
        args=("pair", keys[0]),
    )  # fmt: skip
    pair = found.get(str(key), found[keys[0]])
    with view.session() as session:
        images, changed = counted(session, pair)
        some, apart = compared(session, pair), disagreements(session, pair)
    if not some:
        st.write(say("compare_no_images"))
        return
    numbers = {
        "compare_images": say.number(images),
        "compare_changed": say.number(changed),
        "compare_largest": f"{abs(apart[0].second - apart[0].first):.2f}",
    }
    left, right = st.columns([3, 1], gap="medium")
    with left:
        show_chart(scatter(points(some, say), pair, say), say("compare_chart"))
    left.caption(say("compare_caption", shown=say.number(len(some)), images=say.number(images)))
    for name, number in numbers.items():
        right.metric(say(name), number, border=True)
    st.subheader(say("disagree_title"), anchor=False)
    st.caption(say("disagree_caption"))
    _gallery(view, apart)


def key_of(pair: Pair) -> str:
    """Return how a pair is called in the address."""
    return f"{pair.first_run}.{pair.second_run}"


def points(some: Sequence[Compared], say: Language) -> pd.DataFrame:
    """Return `first`, `second`, `path` and in `decision` whether the decision changed."""
    return pd.DataFrame(
        [
            {
                "first": one.first, "second": one.second, "path": one.path,
                "decision": say(
                    "decision_same" if one.first_decision == one.second_decision
                    else "decision_changed"
                ),
            }
            for one in some
        ]
    )  # fmt: skip


def scatter(table: pd.DataFrame, pair: Pair, say: Language) -> alt.LayerChart | alt.FacetChart:
    """Return a point for each image; on the line both models agree."""
    axis = alt.Axis(labelFontSize=13, titleFontSize=13, tickCount=6)
    scale = alt.Scale(domain=(0, 1))
    names = [say("decision_same"), say("decision_changed")]
    legend = alt.Legend(title=None, orient="bottom", labelFontSize=14)
    diagonal = alt.Chart(pd.DataFrame({"a": [0.0, 1.0]})).mark_line(
        color="#8a9299", strokeDash=[4, 4]
    )
    dots = alt.Chart(table).mark_point(filled=True, size=50, opacity=0.65)
    return alt.layer(
        diagonal.encode(x=alt.X("a:Q", scale=scale), y=alt.Y("a:Q", scale=scale)),
        dots.encode(
            x=alt.X("first:Q", title=say("score_by", version=pair.first_version), axis=axis,
                    scale=scale),
            y=alt.Y("second:Q", title=say("score_by", version=pair.second_version), axis=axis,
                    scale=scale),
            color=alt.Color("decision:N", legend=legend,
                            scale=alt.Scale(domain=names, range=[OK, DEFECT])),
            shape=alt.Shape("decision:N", legend=legend,
                            scale=alt.Scale(domain=names, range=["circle", "triangle-up"])),
            tooltip=[
                alt.Tooltip("path:N", title=say("file")),
                alt.Tooltip("first:Q", title=pair.first_version, format=".3f"),
                alt.Tooltip("second:Q", title=pair.second_version, format=".3f"),
            ],
        ),
    ).properties(height=HEIGHT)  # fmt: skip


def card(one: Compared, say: Language) -> str:
    """Return what stands under a picture, as HTML."""
    decisions = " → ".join(
        f'<span class="tp-chip {DECISIONS[d]}" style="margin-left:0">'
        f"{escape(say(f'decision_{d}'))}</span>"
        for d in dict.fromkeys((one.first_decision.value, one.second_decision.value))
    )
    return (
        f'<div class="tp-card"><span class="tp-score">{one.first:.2f} → {one.second:.2f}</span>'
        f'<br>{decisions}<br><span class="tp-path">{escape(one.path)}</span></div>'
    )


def _gallery(view: View, apart: Sequence[Compared]) -> None:
    tiles = "".join(
        f"<div>{tile(view, one.sha256, one.path)}{card(one, view.say)}</div>" for one in apart
    )
    st.html(f'<div class="tp-sheet">{tiles}</div>')


def _label(view: View, pair: Pair) -> str:
    return view.say(
        "compare_option", when=view.when(pair.at), first=pair.first_version,
        second=pair.second_version,
    )  # fmt: skip
