"""Two models on the same images: how their scores lie, and where they differ most."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from dashboard.address import distinct, remember, start
from dashboard.charts import DEFECT, OK
from dashboard.drawing import SCORES, Mark, dots, legend, plot
from dashboard.frame import View
from dashboard.samples import decided, decision_chip
from dashboard.thumbnails import tile
from dashboard.translations import Language
from technopro.registry.compare import Compared, Pair, compared, counted, disagreements, pairs

HEIGHT = 420  # pixels
AGREED = (  # a line from corner to corner
    '<i style="inset:0;opacity:.6;background:linear-gradient(to bottom right,'
    'transparent calc(50% - 1px),#8a9299,transparent calc(50% + 1px))"></i>'
)


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
        st.html(scatter(some, pair, say))
    left.caption(say("compare_caption", shown=say.number(len(some)), images=say.number(images)))
    for name, number in numbers.items():
        right.metric(say(name), number, border=True)
    st.subheader(say("disagree_title"), anchor=False)
    st.caption(say("disagree_caption"))
    _gallery(view, pair, apart)


def key_of(pair: Pair) -> str:
    """Return how a pair is called in the address."""
    return f"{pair.first_run}.{pair.second_run}"


def scatter(some: Sequence[Compared], pair: Pair, say: Language) -> str:
    """Return a dot for each image; on the line both models agree."""
    looks = {False: (OK, "circle", "decision_same"), True: (DEFECT, "triangle", "decision_changed")}
    ordered = sorted(some, key=pair.changed)  # changed ones lie on top
    marks = [
        Mark(one.first, one.second, *looks[pair.changed(one)][:2],
             f"{one.path}: {one.first:.3f} → {one.second:.3f}")
        for one in ordered
    ]  # fmt: skip
    told = ((colour, form, say(words)) for colour, form, words in looks.values())
    return plot(
        AGREED + dots(marks),
        say("compare_chart"),
        height=HEIGHT,
        up=SCORES[1:],
        across=SCORES,
        up_name=say("score_by", version=pair.second_version),
        across_name=say("score_by", version=pair.first_version),
    ) + legend(told)


def card(one: Compared, pair: Pair, say: Language) -> str:
    """Return what stands under a picture, as HTML."""
    called = (
        decided(one.first_decision, pair.first_separable),
        decided(one.second_decision, pair.second_separable),
    )
    decisions = " → ".join(decision_chip(one, say) for one in dict.fromkeys(called))
    return (
        f'<div class="tp-card"><span class="tp-score">{one.first:.2f} → {one.second:.2f}</span>'
        f'<br>{decisions}<br><span class="tp-path">{escape(one.path)}</span></div>'
    )


def _gallery(view: View, pair: Pair, apart: Sequence[Compared]) -> None:
    tiles = "".join(
        f"<div>{tile(view, one.sha256, one.path)}{card(one, pair, view.say)}</div>" for one in apart
    )
    st.html(f'<div class="tp-sheet">{tiles}</div>')


def _label(view: View, pair: Pair) -> str:
    return view.say(
        "compare_option", when=view.when(pair.at), first=pair.first_version,
        second=pair.second_version,
    )  # fmt: skip
