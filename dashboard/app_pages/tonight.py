"""The morning page: what last night's run found."""

from __future__ import annotations

import streamlit as st

from dashboard import sections, starting
from dashboard.address import remember, start
from dashboard.frame import View, nothing_yet, page
from dashboard.gallery import gallery
from dashboard.plant import open_records
from dashboard.records import Run
from dashboard.translations import Language


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


def show(view: View) -> None:
    """Draw the page from top to bottom."""
    records, say = open_records(), view.say
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    left.title(say("title"), anchor=False)
    runs = list(records.runs())
    sections.latest_attempt(records.latest(), say)
    if not runs:
        nothing_yet(say)
        return
    with right:
        run = choose_run(runs, say)
    night = records.night(run)
    sections.headline(night, say)
    sections.numbers(night, say)
    sections.patterns(night, say)
    gallery(records, night, say)
    sections.histograms(night, records.scores(run.run_id), say)
    sections.quarantine(night, say)
    starting.new_pattern(say)


page(show)
