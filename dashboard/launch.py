"""How the dashboard is started: the full command line, closed to the outside by default."""

from __future__ import annotations

import ipaddress
import sys
from pathlib import Path

from technopro.errors import InputError

APP = Path(__file__).with_name("app.py")
LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1")
HARDENED = {
    "server.headless": "true",
    "server.fileWatcherType": "none",
    "server.runOnSave": "false",
    "server.enableCORS": "true",
    "server.enableXsrfProtection": "true",
    "server.enableStaticServing": "false",
    "server.maxUploadSize": "1",  # MB; this dashboard takes no uploads
    "server.showEmailPrompt": "false",
    "browser.gatherUsageStats": "false",
    "client.showErrorDetails": "none",
    "client.showErrorLinks": "false",
    "client.toolbarMode": "minimal",
}


def command(host: str = "127.0.0.1", port: int = 8501, login: Path | None = None) -> list[str]:
    """Return the command that serves the dashboard, for subprocess without a shell.

    People sign in at the provider that the file `login` names, if any; InputError where it is not
    there.

    On a loopback address only loopback names are answered, which stops DNS rebinding; elsewhere
    any is, and a proxy in front decides the names.
    """
    options = {**HARDENED, "server.address": host, "server.port": str(port)}
    flags = [f"--{name}={value}" for name, value in options.items()]
    if login is not None:
        if not login.is_file():
            raise InputError(f"TECHNOPRO_LOGIN: expected a TOML file at {login}, found none")
        flags.append(f"--secrets.files={login.absolute()}")
    names = LOOPBACK_NAMES if is_loopback(host) else ("*",)
    flags += [f"--server.allowedHosts={name}" for name in names]
    return [sys.executable, "-m", "streamlit", "run", str(APP), *flags]


def environment() -> dict[str, str]:
    """Return what to add to the process's environment: no telemetry, the package importable."""
    return {
        "DO_NOT_TRACK": "1",
        "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
        "PYTHONUNBUFFERED": "1",
        "PYTHONSAFEPATH": "1",  # a folder named like a package must not shadow it
    }


def is_loopback(host: str) -> bool:
    """Return whether `host` can only be reached from this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
