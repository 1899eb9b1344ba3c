"""Prefect's settings for a plant without internet; what the user has set stays as it is."""

from __future__ import annotations

import os
from contextlib import suppress

from technopro.settings import Settings

DEFAULTS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_V2_ENABLED": "false",  # that page calls out from the browser
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
    "PREFECT_CLI_PROMPT": "false",
    "PREFECT_LOGGING_EXTRA_LOGGERS": "technopro",
    "PREFECT_WORKER_QUERY_SECONDS": "3",  # from one look for work to the next
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",  # s; a silent run is started again
    "PREFECT_SERVER_CONCURRENCY_INITIAL_DEPLOYMENT_LEASE_DURATION": "60",  # s after a crash
    # Turns outlive a restart of the server; a run that has lost its turn ends itself.
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": (
        "prefect.server.concurrency.lease_storage.filesystem"
    ),
}


def prepare(settings: Settings, **more: str) -> None:
    """Set the defaults; must come before Prefect is imported."""
    home = settings.home.absolute() / "prefect"
    with suppress(OSError):  # whoever needs it says so better
        home.mkdir(parents=True, exist_ok=True)  # Prefect makes one level only, and warns
    for name, value in {**DEFAULTS, "PREFECT_HOME": str(home), **more}.items():
        os.environ.setdefault(name, value)
