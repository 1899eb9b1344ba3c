"""A dashboard page in Streamlit's test harness over a real plant."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import launch
from technopro.plant import Plant, open_plant
from technopro.settings import Settings


def point_at(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Plant:
    """Let the settings name a plant in `folder`/home, and return it."""
    for name in ("DATABASE_URL", "OBJECT_STORE", "TIMEZONE"):
        monkeypatch.delenv(f"TECHNOPRO_{name}", raising=False)
    monkeypatch.setenv("TECHNOPRO_HOME", str(folder / "home"))
    monkeypatch.chdir(folder)  # no .env of the developer
    return open_plant(Settings(home=folder / "home"))


def opened(page: str, **address: str) -> AppTest:
    """Return a page of the dashboard, in English."""
    app = AppTest.from_file(str(launch.APP), default_timeout=120)
    for key, value in {"lang": "en", **address}.items():
        app.query_params[key] = value
    app.switch_page(f"app_pages/{page}.py")
    app.run()
    assert not app.exception
    return app


def written(app: AppTest) -> str:
    """Return everything that stands on a page."""
    plain = [*app.title, *app.subheader, *app.header, *app.caption, *app.markdown, *app.text,
             *app.success, *app.warning, *app.info, *app.error]  # fmt: skip
    html = [element.proto.body for element in app.get("html")]
    return "\n".join([element.value for element in plain] + html)
