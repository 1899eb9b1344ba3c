"""Images as cards in a grid, and in families."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from dashboard.frame import View
from dashboard.pictures import heat_note
from dashboard.plant import FRESH_S
from dashboard.samples import decided, look_at, score_of
from dashboard.samples_families import descriptor, families
from dashboard.thumbnails import tile
from technopro.registry.gallery import Sample, Wanted, samples

A_ROW, NARROWEST = 6, 160  # cards side by side at most; pixels of one at least
MOST_FINDS = 200  # put into families
A_FAMILY = 12  # images shown of one
HALF = 420  # pixels of a family, side by side with another


@dataclass(frozen=True)
class Look:
    """How images are drawn."""

    view: View
    titles: Mapping[str, str]  # of patterns
    opacity: float  # of the heat map, 0 where it is off
    unsure: Collection[str] = ()  # patterns whose good and bad parts are not told apart tonight


def cards(look: Look, rows: Sequence[Sample], prefix: str = "card") -> None:
    """Show images side by side, as many as fit, each with a button that opens it large."""
    with st.grid(A_ROW, min_column_width=NARROWEST):
        for row in rows:
            with st.container(gap="small"):
                _card(look, row, prefix)


def family_rows(look: Look, wanted: Wanted) -> None:
    """Show a night's finds in families, the largest first."""
    say = look.view.say
    with look.view.session() as session:
        finds = samples(session, wanted, MOST_FINDS)
    if not finds:
        st.info(say("samples_no_finds"))
        return
    st.caption(say("samples_families_how", most=say.number(MOST_FINDS)))
    url = str(look.view.plant.engine.url)
    groups = _families(url, wanted, finds, look.view)
    together = [group for group in groups if len(group) > 1]
    alone = [group[0] for group in groups if len(group) == 1]
    with st.grid(2, min_column_width=HALF, gap="medium"):
        for number, group in enumerate(together, 1):
            with st.container():
                _family(look, number, [finds[n] for n in group])
    if alone:
        st.html(f"<h3>{escape(say('samples_alone'))}</h3>")
        cards(look, [finds[n] for n in alone], "alone")


def card_text(look: Look, row: Sample, heat: bytes | None) -> str:
    """Return what stands under a picture, as HTML; paths and names are escaped."""
    say, decision = look.view.say, decided(row.decision, row.pattern not in look.unsure)
    notes = [look.titles.get(row.pattern, row.pattern)]
    if row.fault is not None:
        notes.append(say(f"samples_fault_{row.fault}"))
    if note := heat_note(heat):
        notes.append(say(note))
    return (
        f'<div class="tp-card"><span class="tp-score">{score_of(row)}</span>'
        f'<span class="tp-chip tp-{decision}">{escape(say(f"decision_{decision}"))}</span>'
        f"<br>{escape(' · '.join(notes))}"
        f'<br><span class="tp-path">{escape(row.path)}</span></div>'
    )


def described(look: Look, row: Sample) -> str:
    """Return an image in words, for who cannot see it."""
    decision = decided(row.decision, row.pattern not in look.unsure)
    return look.view.say(
        "picture_alt", path=row.path, pattern=look.titles.get(row.pattern, row.pattern),
        score=f"{row.score:.2f}", decision=look.view.say(f"decision_{decision}"),
    )  # fmt: skip


def _family(look: Look, number: int, rows: Sequence[Sample]) -> None:
    say, called = look.view.say, look.titles.get(rows[0].pattern, rows[0].pattern)
    head = say("samples_family", number=say.number(number), pattern=called,
               images=say.count("images_count", len(rows)))  # fmt: skip
    st.html(f"<h3>{escape(head)}</h3>")
    cards(look, rows[:A_FAMILY], f"family-{number}")
    if len(rows) > A_FAMILY:
        st.caption(say("samples_family_more", n=say.number(len(rows) - A_FAMILY)))


def picture(look: Look, row: Sample) -> str:
    """Return an image's thumbnail under its heat map, and what was made of it, as HTML."""
    heat = look.view.heat(row.heat_key)
    shown = tile(look.view, row.sha256, described(look, row), heat, look.opacity)
    return shown + card_text(look, row, heat)


def _card(look: Look, row: Sample, prefix: str) -> None:
    st.html(picture(look, row))
    st.button(look.view.say("samples_open"), key=f"{prefix}-{row.sha256}", on_click=look_at,
              args=(row.sha256,), width="stretch")  # fmt: skip


@st.cache_data(max_entries=8, ttl=FRESH_S, show_spinner=False)
def _families(
    database_url: str, wanted: Wanted, _finds: Sequence[Sample], _view: View
) -> list[list[int]]:
    """Return numbers of finds by family; finds whose thumbnail is gone are in none."""
    seen = {}
    for number, row in enumerate(_finds):
        thumbnail = _view.thumbnail(row.sha256)
        if thumbnail is not None:
            seen[number] = descriptor(thumbnail, _view.heat(row.heat_key))
    numbers = list(seen)
    groups = families(list(seen.values()), [_finds[n].pattern for n in numbers])
    return [[numbers[n] for n in group] for group in groups]
