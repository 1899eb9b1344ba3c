"""What ran: filters, durations over time, a table a page at a time, and one run in detail."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import ceil, log10
from zoneinfo import ZoneInfo

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.address import distinct, remember, start
from dashboard.charts import ABSTAINED, DEFECT, OK, REVIEW
from dashboard.drawing import Line, Mark, Tick, bar, dots, legend, part, plot, rows, time_ticks
from dashboard.frame import View
from dashboard.runs import KINDS, STATES, duration_s, now, shown_state, span, stages_s
from dashboard.runs_look import chip
from dashboard.tables import html_table
from dashboard.translations import Language
from dashboard.words import CATALOGUE
from technopro import registry
from technopro.registry import RunRow
from technopro.registry.run_pages import count_runs, page_of_runs

ALL = "all"
A_PAGE = 20
CHARTED = 200  # runs in the chart of durations
HEIGHT = 220  # pixels
ROOM = 0.8  # of a row, for the longest bar; its figure stands behind it
FORM_OF = {"ingest": "circle", "retrain": "triangle", "score": "square", "maintain": "diamond"}
COLOURS = {"ingest": ABSTAINED, "retrain": REVIEW, "score": OK, "maintain": DEFECT}
TICKS_S = (0.1, 1, 10, 60, 600, 3600, 36_000, 360_000)


def history(view: View) -> None:
    """Show what ran, newest first, filtered as the address says."""
    say = view.say
    st.subheader(say("history_title"), anchor=False)
    left, right = st.columns(2)
    kind = _filter(view, "kind", "kind", KINDS, left)
    state = _filter(view, "state", "state_word", STATES, right)
    with view.session() as session:
        found = count_runs(session, kind=kind, state=state)
        recent = registry.recent_runs(session, kind=kind, state="completed", limit=CHARTED)
    if not found:
        st.write(say("runs_none" if kind is None and state is None else "runs_none_such"))
        return
    zone = ZoneInfo(view.plant.settings.timezone)
    if len(recent) > 1 and state in (None, "completed"):
        st.html(f"<b>{escape(say('durations_title'))}</b>{durations(recent, zone, say)}")
    place = st.container()
    pages = ceil(found / A_PAGE)
    number = st.pagination(pages, key="sheet", bind="query-params") if pages > 1 else 1
    with view.session() as session:
        runs = page_of_runs(session, number, A_PAGE, kind=kind, state=state)
    place.html(table(view, runs))
    place.caption(say.count("runs_found", found))
    _details(view, runs)


def _filter(
    view: View, key: str, words: str, known: Sequence[str], place: DeltaGenerator
) -> str | None:
    options = [ALL, *known]
    chosen = place.segmented_control(
        view.say(f"filter_{key}"), options, default=start(key, options, ALL), key=key,
        format_func=lambda name: view.say(f"{words}_{name}"), required=True, on_change=remember,
        args=(key, ALL),
    )  # fmt: skip
    return None if chosen in (None, ALL) else str(chosen)


def table(view: View, runs: Sequence[RunRow]) -> str:
    """Return runs as an HTML table; messages and host names are escaped."""
    columns = {"kind": "", "state": "", "started_at": "", "took": "tp-n", "message": "rn-message"}
    heads = [(view.say(f"run_{key}"), css) for key, css in columns.items()]
    return html_table(heads, [_row(view, run) for run in runs])


def _row(view: View, run: RunRow) -> list[str]:
    taken = duration_s(run)
    return [
        f"<b>{escape(view.say(f'kind_{run.kind}'))}</b>",
        chip(view, shown_state(run, now())),
        escape(view.when(run.started_at)),
        "" if taken is None else escape(span(taken, view.say)),
        escape(run.message or ""),
    ]


def durations(runs: Sequence[RunRow], zone: ZoneInfo, say: Language) -> str:
    """Return how long completed runs took, by when they began; the scale is logarithmic."""
    took = [(run, s) for run in runs if (s := duration_s(run)) is not None]
    began = [run.started_at.astimezone(zone) for run, _ in took]
    first, last = min(began), max(began)
    seconds = [max(TICKS_S[0], s) for _, s in took]
    low = max(tick for tick in TICKS_S if tick <= min(seconds))
    high = next((tick for tick in TICKS_S if tick > max(seconds)), 10 * max(seconds))

    def height(s: float) -> float:
        return log10(s / low) / log10(high / low)

    marks = [
        Mark(part(at, first, last), height(s), COLOURS[run.kind], FORM_OF[run.kind],
             f"{say(f'kind_{run.kind}')}, {say.when(at)}: {span(taken, say)}")
        for (run, taken), at, s in zip(took, began, seconds, strict=True)
    ]  # fmt: skip
    kinds = [kind for kind in KINDS if any(run.kind == kind for run, _ in took)]
    return legend((COLOURS[k], FORM_OF[k], say(f"kind_{k}")) for k in kinds) + plot(
        dots(marks),
        say("durations_title"),
        height=HEIGHT,
        up=[Tick(height(s), span(s, say)) for s in TICKS_S if low <= s <= high],
        across=time_ticks(first, last),
    )  # fmt: skip


def _details(view: View, runs: Sequence[RunRow]) -> None:
    say, known = view.say, {run.id: run for run in runs}
    st.subheader(say("details_title"), anchor=False)

    def label(run_id: str) -> str:
        run = known[run_id]
        return say("detail_option", kind=say(f"kind_{run.kind}"), when=view.when(run.started_at),
                   state=say(f"state_word_{shown_state(run, now())}"))  # fmt: skip

    ids = list(known)
    called = distinct({run_id: label(run_id) for run_id in ids})
    if st.session_state.get("detail") not in ids:  # chosen on another page of the history
        st.session_state.pop("detail", None)
    chosen = st.selectbox(
        say("detail_choose"), ids, ids.index(start("detail", ids, ids[0])), key="detail",
        format_func=called.__getitem__, on_change=remember, args=("detail", ids[0]),
    )  # fmt: skip
    run = known.get(str(chosen), runs[0])
    if run.message:
        st.text(run.message)
    left, right = st.columns([3, 2], gap="large")
    with left:
        seconds = stages_s(run)
        if seconds:
            st.html(f"<b>{escape(say('stages_title'))}</b>{stage_chart(seconds, say)}")
        else:
            st.write(say("stages_none"))
    right.html(facts_table(facts(view, run)))


def stage_chart(seconds: dict[str, float], say: Language) -> str:
    """Return the seconds of each stage as bars with their figures."""
    longest = max(0.1, *seconds.values()) / ROOM
    lines = [
        Line(
            stage_name(name, say),
            bar(0, value / longest, OK, span(value, say))
            + f'<b style="left:{value / longest:.2%}">{escape(span(value, say))}</b>',
        )
        for name, value in seconds.items()
    ]
    return rows(lines, say("stages_title"))


def facts(view: View, run: RunRow) -> list[tuple[str, str]]:
    """Return what is recorded of a run: times, machine, memory, parameters."""
    say, where = view.say, run.environment
    rows = [(say("run_id"), run.id), (say("run_started_at"), view.when(run.started_at))]
    if run.finished_at is not None:
        rows.append((say("run_finished_at"), view.when(run.finished_at)))
    if run.device:
        rows.append((say("run_device"), run.device))
    if where.get("host"):
        rows.append((say("run_where"), f"{where['host']} · {where.get('process', '')}"))
    if isinstance(peak := run.figures.get("peak_rss_mb"), int | float):
        rows.append((say("run_memory"), say("megabytes", n=say.number(round(peak)))))
    return [*rows, *(asked(name, value, say) for name, value in run.parameters.items())]


def asked(name: str, value: object, say: Language) -> tuple[str, str]:
    """Return a parameter of a run and its value in the reader's language, as far as it is known."""
    known = f"param_{name}" in CATALOGUE
    if isinstance(value, list | tuple):
        value = say("listed").join(map(str, value))
    unset = value in (None, "", "auto") or (name == "threads" and value == 0)
    return say(f"param_{name}") if known else name, say("param_unset") if unset else str(value)


def stage_name(name: str, say: Language) -> str:
    """Return what a stage of a run is called; one that is not known keeps its name."""
    return say(f"stage_{name}") if f"stage_{name}" in CATALOGUE else name


def facts_table(rows: Sequence[tuple[str, str]]) -> str:
    """Return names and values as an HTML table, escaped."""
    lines = "".join(
        f'<tr><th>{escape(name)}</th><td class="tp-version">{escape(value)}</td></tr>'
        for name, value in rows
    )
    return f"<table class='tp-table rn-facts'><tbody>{lines}</tbody></table>"
