"""The dashboard's frame: `streamlit run dashboard/app.py`, or better, `technopro up`."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.access import SignedOut, current_user, sign_in, sign_out, take_name_along
from dashboard.frame import language
from dashboard.preload import preload
from dashboard.style import CSS
from dashboard.translations import LANGUAGES, Language

PAGES = (
    "tonight",
    "scores",
    "samples",
    "patterns",
    "models",
    "review",
    "runs",
    "report",
)  # names of scripts, in the order of the menu
FOLDER = Path(__file__).parent / "app_pages"
BOTH = " / ".join(Language(code)("about") for code in LANGUAGES)

st.set_page_config(
    page_title="technopro",
    page_icon="🔎",  # an emoji needs no font from outside
    layout="wide",
    menu_items={"About": BOTH},  # with a menu there is a choice of light and dark
)
st.html(CSS)
say = language()
take_name_along()
try:
    current_user()
except SignedOut:
    sign_in(say)
    st.stop()
sign_out(say)
page = st.navigation(
    [
        st.Page(FOLDER / f"{name}.py", title=say(f"page_{name}"), url_path=name, default=not number)
        for number, name in enumerate(PAGES)
    ],
    position="top",
)
page.run()
preload()
