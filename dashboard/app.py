"""The dashboard's frame: `streamlit run dashboard/app.py`, or better, `technopro up`."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.style import CSS
from dashboard.translations import Language

PAGES = Path(__file__).parent / "app_pages"
BOTH = " / ".join(Language(code)("about") for code in ("ja", "en"))

st.set_page_config(
    page_title="technopro",
    page_icon="🔎",  # an emoji needs no font from outside
    layout="wide",
    menu_items={"About": BOTH},  # with a menu there is a choice of light and dark
)
st.html(CSS)
page = st.navigation(
    [st.Page(PAGES / "tonight.py", title=Language("ja")("title"), url_path="", default=True)],
    position="hidden",
)
page.run()
