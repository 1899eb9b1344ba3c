"""Prefect server, worker and dashboard together, until Ctrl-C."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from time import sleep

from dashboard import launch
from flows import POOL
from flows.server import Child, end_when_asked, require_free, start, start_server, wait_for
from technopro.console import console
from technopro.errors import TechnoproError
from technopro.plant import open_plant
from technopro.settings import Settings

NO_SOURCE = "none yet: set TECHNOPRO_SOURCE to the folder or s3://bucket/prefix where they arrive"


def run(settings: Settings, host: str, prefect_port: int, dashboard_port: int) -> None:
    """Start everything, say where it is, and stop everything when asked or when a part dies."""
    require_free(host, prefect_port, "--prefect-port")
    require_free(host, dashboard_port, "--dashboard-port")
    open_plant(settings)
    logs = settings.home.absolute() / "logs"
    children: list[Child] = []
    end_when_asked()
    try:
        _start(settings, host, prefect_port, dashboard_port, logs, children)
        _watch(children)
    except KeyboardInterrupt:
        console.print("stopping")
    finally:
        for child in reversed(children):
            child.ask()
        for child in reversed(children):
            child.stop()
    console.print("stopped")


def _start(
    settings: Settings,
    host: str,
    prefect_port: int,
    dashboard_port: int,
    logs: Path,
    children: list[Child],
) -> None:
    console.print("starting the Prefect server (10 to 30 s)")
    server, api = start_server(host, prefect_port, logs)
    children.append(server)
    os.environ["PREFECT_API_URL"] = api
    os.environ.setdefault("TECHNOPRO_DASHBOARD_URL", f"http://{host}:{dashboard_port}")
    console.print("deploying the flows")
    from flows.deploy import deploy_all

    deploy_all(settings)
    worker = [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL]
    children.append(start("worker", [*worker, "--type", "process"], logs))
    line = launch.command(host, dashboard_port, settings.login)
    page = start("dashboard", line, logs, launch.environment())
    children.append(page)
    wait_for(f"http://{host}:{dashboard_port}/_stcore/health", page)
    console.print(f"dashboard   http://{host}:{dashboard_port}")
    console.print(f"Prefect     http://{host}:{prefect_port}")
    console.print(f"nightly     {settings.schedule} ({settings.timezone})")
    console.print(f"images      {settings.source or NO_SOURCE}")
    console.print(f"logs        {logs}")
    console.print(f"run it now  {_command(settings, api)}")
    console.print("Ctrl-C stops everything")


def _command(settings: Settings, api: str) -> str:
    prefect = Path(sys.executable).parent / "prefect"
    source = "" if settings.source else " -p source=YOUR_FOLDER"
    return f"PREFECT_API_URL={api} {prefect} deployment run nightly/nightly{source}"


def _watch(children: list[Child]) -> None:
    while True:
        for child in children:
            if child.process.poll() is not None:
                raise TechnoproError(f"{child.name} stopped by itself; see {child.log}")
        sleep(0.5)
