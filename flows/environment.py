"""Prefect's settings for a plant without internet; what the user has set stays as it is."""

from __future__ import annotations

import os

from technopro.settings import Settings

DEFAULTS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_V2_ENABLED": "false",  # that page calls out from the browser
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
    "PREFECT_CLI_PROMPT": "false",
    "PREFECT_LOGGING_EXTRA_LOGGERS": "technopro",
}


def prepare(settings: Settings, **more: str) -> None:
    """Set the defaults; must come before Prefect is imported."""
    home = {"PREFECT_HOME": str(settings.home.absolute() / "prefect")}
    for name, value in {**DEFAULTS, **home, **more}.items():
        os.environ.setdefault(name, value)
