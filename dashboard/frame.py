"""What every page stands in: who looks, in which language, at which plant, and what if it fails."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

import streamlit as st
from sqlalchemy.orm import Session

from dashboard.access import Refused, Role, User, current_user, require
from dashboard.address import distinct, remember, start
from dashboard.plant import answering, opened_plant, pictured, stored
from dashboard.translations import LANGUAGES, Language
from technopro import registry
from technopro.errors import TechnoproError
from technopro.intake import thumb_key
from technopro.plant import Plant
from technopro.registry import NightRow

FIRST = "ja"  # until somebody chooses
NEWS, TROUBLE = "tp-news", "tp-trouble"  # in the session: what the next drawing says first


@dataclass(frozen=True)
class View:
    """One person's look at the plant."""

    say: Language
    user: User

    @cached_property
    def plant(self) -> Plant:
        """The plant of the settings; raises TechnoproError where it cannot be reached."""
        return opened_plant()

    def session(self) -> AbstractContextManager[Session]:
        """Open the registry for reading; a database that fails is a RegistryError."""
        return answering(self.plant)

    def thumbnail(self, sha256: str) -> bytes | None:
        """Return an image's thumbnail (PNG); None where it is gone."""
        return stored(self.plant, thumb_key(sha256))

    def pictured(self, sha256: str) -> str | None:
        """Return an image's thumbnail as an address that holds it; None where it is gone."""
        return pictured(self.plant, thumb_key(sha256))

    def heat(self, key: str | None) -> bytes | None:
        """Return a heat map (grey PNG); None where there is none, or it is gone."""
        return stored(self.plant, key) if key else None

    def change(self, role: Role, act: Callable[[Session, str], object]) -> None:
        """Do something to the registry, as `act(session, actor)`; all of it or nothing.

        Raises Refused unless the person has that role now, whatever it was when the page was drawn.
        """
        user = current_user()
        require(user, role)
        with self.session() as session:
            act(session, user.actor)
            session.commit()

    def when(self, moment: datetime) -> str:
        """Return day and time at the plant."""
        return self.say.when(moment.astimezone(ZoneInfo(self.plant.settings.timezone)))

    def night_option(self, night: NightRow) -> str:
        """Return how a night is called in a list."""
        images = self.say.count("images_count", night.images)
        return self.say("run_option", when=self.when(night.started_at), images=images)


def language() -> Language:
    """Show the switch and return the choice; it lasts for all pages, and stands in the address."""
    with st.container(key="tp-language", width="content"):
        code = st.segmented_control(
            Language(FIRST)("language"), list(LANGUAGES), format_func=LANGUAGES.__getitem__,
            key="lang", default=start("lang", list(LANGUAGES), FIRST), required=True,
            label_visibility="collapsed",
        )  # fmt: skip
    remember("lang", FIRST)
    return Language(code or FIRST)


def choose_night(view: View) -> NightRow | None:
    """Show the picker of nights and return the chosen one, the newest at first; None without any.

    The choice lasts from page to page, and stands in the address, which may name any night.
    """
    wanted = st.query_params.get("run", "")
    with view.session() as session:
        nights = {night.run_id: night for night in registry.nights(session)}
        if wanted and wanted not in nights:
            nights |= {n.run_id: n for n in registry.nights(session, 1, run_id=wanted)}
    if not nights:
        return None
    if wanted and wanted not in nights:
        st.caption(view.say("run_unknown"))
    newest = next(iter(nights))
    called = distinct({run_id: view.night_option(night) for run_id, night in nights.items()})
    chosen = st.selectbox(
        view.say("run"), list(nights), list(nights).index(start("run", list(nights), newest)),
        format_func=called.__getitem__, key="run",
        on_change=remember, args=("run", newest), persist_state="session",
    )  # fmt: skip
    return nights.get(str(chosen), nights[newest])


def titled(view: View, key: str) -> NightRow | None:
    """Show a page's title with the picker of nights beside it; see `choose_night`."""
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    left.title(view.say(key), anchor=False)
    with right:
        night = choose_night(view)
    if night is None:
        nothing_yet(view.say)
    return night


def doing(act: Callable[[], str | None]) -> None:
    """Do what a button asks, as its `on_click`; the page drawn after it says what came of it.

    A button's arguments are those of when it was drawn: what a person meant, whatever has happened
    since. `act` may return a line to be shown.
    """
    try:
        news = act()
    except TechnoproError as error:
        st.session_state[TROUBLE] = error
    else:
        if news:
            st.session_state[NEWS] = news


def literally(text: str) -> str:
    """Return Markdown that shows `text` as it is: a file's name is no picture to be fetched."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def page(show: Callable[[View], None]) -> None:
    """Draw a page; what cannot be read or done is one calm line instead of a traceback."""
    say = Language(str(st.session_state.get("lang") or FIRST))
    view = View(say, current_user())  # raises for those who must sign in and have not
    if news := st.session_state.pop(NEWS, None):
        st.toast(literally(news))
    if failed := st.session_state.pop(TROUBLE, None):
        trouble(failed, say, "not_done")
    try:
        show(view)
    except TechnoproError as error:
        trouble(error, say)


def trouble(error: TechnoproError, say: Language, what: str = "unreachable") -> None:
    """Say in one place what did not work and whom to tell."""
    st.warning(say("refused" if isinstance(error, Refused) else what))
    st.text(str(error))


def nothing_yet(say: Language) -> None:
    """Greet whoever opens the dashboard before the first run."""
    st.header(say("nothing_yet"))
    st.write(say("nothing_yet_how"))
    st.code("technopro demo", language=None)
