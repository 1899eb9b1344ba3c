"""What the verdicts tell: escapes and precision with exact intervals, and how far people agree."""

from __future__ import annotations

from html import escape

import streamlit as st

from dashboard.frame import View
from dashboard.tables import html_table
from dashboard.translations import Language
from technopro import registry
from technopro.decision.corrected import Corrected, Stratum
from technopro.registry.sample import corrected_by, sampled

NIGHTS = 30


def told(view: View, run_id: str) -> None:
    """Show the rates that the random sample gives, of one night and of the last thirty."""
    say = view.say
    with view.session() as session:
        runs = [night.run_id for night in registry.nights(session, NIGHTS)]
        found = sampled(session, sorted({*runs, run_id}))
        opinions = registry.agreement(registry.verdicts(session, runs))
    night = corrected_by(one for one in found if one.run_id == run_id)
    st.subheader(say("told_title"), anchor=False)
    st.caption(say("told_caption"))
    st.html(table({"told_night": night, "told_all": corrected_by(found)}, say))
    if opinions.images:
        same, images = say.number(opinions.same), say.number(opinions.images)
        words = f"{say('agreement')}: {say('agreement_of', same=same, images=images)}"
        if opinions.kappa is not None:
            words += f" · {say('agreement_kappa', kappa=f'{opinions.kappa:.2f}')}"
        st.write(words)


def table(columns: dict[str, Corrected | None], say: Language) -> str:
    """Return escapes and precision as HTML, a column for each span of time."""
    rows = [
        [escape(say(f"told_{key}")),
         *(_cell(None if one is None else getattr(one, key), say) for one in columns.values())]
        for key in ("escapes", "precision")
    ]  # fmt: skip
    return html_table([("", ""), *((say(key), "tp-n") for key in columns)], rows)


def _cell(stratum: Stratum | None, say: Language) -> str:
    if stratum is None or stratum.rate is None or not stratum.looked:
        return escape(say("told_nothing"))
    looked = say("told_looked", defects=say.number(stratum.defects),
                 looked=say.number(stratum.looked))  # fmt: skip
    interval = say.span(stratum.low, stratum.high)
    return (
        f'<span class="tp-big">{escape(say.percent(stratum.rate))}</span> '
        f"({escape(interval)})<br>{escape(looked)}"
    )
