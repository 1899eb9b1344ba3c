"""The morning page: what last night's run found."""

from __future__ import annotations

import streamlit as st

from dashboard import sections, starting
from dashboard.address import remember, start
from dashboard.gallery import gallery
from dashboard.plant import open_records
from dashboard.records import Records, Run
from dashboard.translations import LANGUAGES, Language
from technopro.errors import TechnoproError


def language() -> Language:
    """Show the switch and return the choice; Japanese until somebody chooses."""
    code = st.segmented_control(
        Language("ja")("language"), list(LANGUAGES), format_func=LANGUAGES.__getitem__, key="lang",
        default=start("lang", list(LANGUAGES), "ja"), required=True, label_visibility="collapsed",
        on_change=remember, args=("lang", "ja"),
    )  # fmt: skip
    return Language(code or "ja")


def choose_run(runs: list[Run], say: Language) -> Run:
    """Show the picker and return the chosen run, the newest by default."""
    by_id = {run.run_id: run for run in runs}
    ids = list(by_id)

    def label(run_id: str) -> str:
        run = by_id[run_id]
        images = say.count("images_count", run.images)
        return say("run_option", when=say.when(run.started), images=images)

    index = ids.index(start("run", ids, ids[0]))
    chosen = st.selectbox(
        say("run"), ids, index, format_func=label, key="run", on_change=remember,
        args=("run", ids[0]),
    )  # fmt: skip
    return by_id.get(str(chosen), runs[0])


def show(records: Records) -> None:
    """Draw the page from top to bottom."""
    left, middle, right = st.columns([3, 2, 1], vertical_alignment="bottom")
    with right:
        say = language()
    left.title(say("title"), anchor=False)
    runs = list(records.runs())
    sections.latest_attempt(records.latest(), say)
    if not runs:
        sections.nothing_yet(say)
        return
    with middle:
        run = choose_run(runs, say)
    night = records.night(run)
    sections.headline(night, say)
    sections.numbers(night, say)
    sections.patterns(night, say)
    gallery(records, night, say)
    sections.histograms(night, records.scores(run.run_id), say)
    sections.quarantine(night, say)
    starting.new_pattern(say)


try:
    show(open_records())
except TechnoproError as error:
    sections.unreachable(error, Language(str(st.session_state.get("lang", "ja"))))
