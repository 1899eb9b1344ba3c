"""Scores: how they lie, and what other thresholds would have made of the night."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard import scores, scores_sections
from dashboard.address import remember, start
from dashboard.frame import View, doing, literally, page, titled
from dashboard.histogram import CSS, score_histogram
from dashboard.samples import titles
from dashboard.scores import Scores
from dashboard.scores_charts import laid_over
from technopro import registry
from technopro.decision.decide import MISS_COST
from technopro.registry import ThresholdRow
from technopro.results import PatternNight

SECONDS = 10.0  # that a person looks at a part
PICKER, HALF, HIGH = 480, 420, 260  # pixels


def show(view: View) -> None:
    """Draw the page: a pattern, its thresholds, what was set, and another night."""
    run = titled(view, "scores_page_title")
    if run is None:
        return
    night = _choose_pattern(view, run.run_id)
    if night is None:
        st.info(view.say("scores_none"))
        return
    own = scores.scores_of(view, run.run_id, night.pattern)
    if len(own.ascending):
        with view.session() as session:
            present = registry.thresholds(session).get(night.pattern)
        title = titles(view).get(night.pattern, night.pattern)
        _thresholds(view, run.run_id, night, own, present, title)
    else:
        st.info(view.say("scores_no_sound"))
    _history(view, night.pattern)
    _compare(view, run, night, own)


def _choose_pattern(view: View, run_id: str) -> PatternNight | None:
    with view.session() as session:
        nights = {night.pattern: night for night in registry.night(session, run_id)}
    if not nights:
        return None
    names, called = list(nights), titles(view)
    chosen = st.selectbox(
        view.say("pattern"), names, names.index(start("pattern", names, names[0])),
        format_func=lambda name: called.get(name, name), key="pattern", width=PICKER,
        on_change=_other_pattern, args=(names[0],),
    )  # fmt: skip
    return nights.get(str(chosen), nights[names[0]])


def _other_pattern(default: str) -> None:
    remember("pattern", default)
    scores.forget_cuts()


@st.fragment
def _thresholds(
    view: View,
    run_id: str,
    night: PatternNight,
    own: Scores,
    present: ThresholdRow | None,
    title: str,
) -> None:
    """Two sliders, and what they make of the night; only this part reruns when they move."""
    scores.whole_page_again()
    say = view.say
    halves = st.grid(2, min_column_width=HALF, gap="medium")
    with halves, st.container():
        review = _slider(view, run_id, night, "review", night.review_threshold)
        defect = _slider(view, run_id, night, "defect", night.threshold)
        shown = scores.cut_at(night, defect=defect, review=review)
        drawn = score_histogram(own.ascending, shown, say, height=HIGH)
        st.html(f'{CSS}<div class="tp-flush">{drawn}</div>')
        st.caption(say("scores_caption_page"))
    with halves, st.container():
        cost, seconds = _prices(view)
        made, before = (
            scores.outcome(own, defect=d, review=r, separable=night.separable)
            for d, r in ((defect, review), (night.threshold, night.review_threshold))
        )
        scores_sections.figures(made, before, cost, seconds, say)
        texts = {key: scores_sections.score(value) for key, value in
                 (("defect", night.threshold), ("review", night.review_threshold))}  # fmt: skip
        st.caption(say("scores_own", **texts))
        if not night.separable:
            st.info(say("scores_inseparable"))
        if review > defect:
            st.warning(say("scores_no_band"))
    _saving(view, night.pattern, title, defect, review, present)


def _slider(view: View, run_id: str, night: PatternNight, which: str, own: float) -> float:
    """Return the chosen score; at its start it is the night's own, to the last digit."""
    default = round(own, scores.DIGITS)
    key = f"scores-{which}-{run_id}-{night.pattern}"
    chosen = st.slider(
        view.say(f"scores_{which}_from"), 0.0, 1.0,
        round(scores.start_number(which, default, 0.0, 1.0), scores.DIGITS), 10**-scores.DIGITS,
        format=f"%.{scores.DIGITS}f", key=key, on_change=_remember_as,
        args=(which, key, default),
    )  # fmt: skip
    return scores.exact(chosen, own)


def _remember_as(name: str, key: str, default: float) -> None:
    value = st.session_state[key]
    if value == default:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = f"{value:.{scores.DIGITS}f}"


def _prices(view: View) -> tuple[float, float]:
    """Return what a miss costs in false alarms, and the seconds that a part is looked at."""
    left, right = st.columns(2, vertical_alignment="bottom")
    cost = left.number_input(
        view.say("scores_miss_cost"), 1.0, 1000.0,
        scores.start_number("miss", MISS_COST, 1.0, 1000.0), 1.0, format="%.0f", key="miss",
        on_change=remember, args=("miss", MISS_COST),
    )  # fmt: skip
    seconds = right.number_input(
        view.say("scores_seconds"), 1.0, 600.0,
        scores.start_number("seconds", SECONDS, 1.0, 600.0), 1.0, format="%.0f", key="seconds",
        on_change=remember, args=("seconds", SECONDS),
    )  # fmt: skip
    return cost, seconds


def _saving(
    view: View,
    pattern: str,
    title: str,
    defect: float,
    review: float,
    present: ThresholdRow | None,
) -> None:
    say, may = view.say, view.user.may("engineer")
    texts = {"defect": scores_sections.score(defect), "review": scores_sections.score(review)}
    with st.form("scores-form", border=True):
        st.subheader(literally(say("scores_save_title", pattern=title)), anchor=False)
        st.text_input(say("scores_why"), key=scores.WHY, max_chars=500, disabled=not may,
                      placeholder=say("scores_why_hint"))  # fmt: skip
        st.form_submit_button(
            say("scores_save", **texts), key="scores-save", type="primary",
            disabled=not may or review > defect, on_click=doing,
            help=None if may else say("scores_needs_engineer"),
            args=(partial(scores.save, view, pattern, defect, review, present),),
        )  # fmt: skip


def _history(view: View, pattern: str) -> None:
    say = view.say
    with view.session() as session:
        rows = registry.threshold_history(session, pattern)
    st.subheader(say("scores_history_title"), anchor=False)
    if not rows:
        st.write(say("scores_never_set"))
        return
    lasting = next((row for row in rows if row.until is None), None)
    if lasting is not None:
        st.write(say("scores_in_force", when=view.when(lasting.since),
                     defect=scores_sections.score(lasting.defect),
                     review=scores_sections.score(lasting.review)))  # fmt: skip
    st.html(scores_sections.history(rows, view))


def _compare(view: View, run: registry.NightRow, night: PatternNight, own: Scores) -> None:
    say = view.say
    st.subheader(say("scores_compare_title"), anchor=False)
    others = scores.other_nights(view, run.run_id, night.pattern)
    if not others:
        st.write(say("scores_no_other"))
        return
    ids, called = list(others), scores.called(view, others)
    chosen = str(
        st.selectbox(
            say("scores_against"), ids, ids.index(start("against", ids, ids[0])),
            format_func=called.__getitem__, key="against",
            width=PICKER, on_change=remember, args=("against", ids[0]),
        )
    )  # fmt: skip
    other = scores.night_of(view, chosen, night.pattern)
    if other is None:
        return
    st.caption(say("scores_compare_caption"))
    st.html(laid_over(own, scores.scores_of(view, chosen, night.pattern), say))
    shown = say("scores_this", when=view.when(run.started_at))
    pair = [(shown, night), (called[chosen], other)]
    st.html(scores_sections.compared(pair, say))


page(show)
