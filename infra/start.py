"""One part of the plant in the foreground, for containers and systemd: `start.py worker`.

Every part gets the Prefect settings of `technopro up`; then this process becomes the part, so that
signals and exit status are the part's own.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from time import monotonic, sleep

from flows import FLOWS, GPU_POOL, POOL, SHARD_POOL
from flows.environment import prepare
from technopro.errors import TechnoproError
from technopro.settings import Settings

POOLS = {"worker": POOL, "worker-gpu": GPU_POOL, "worker-shards": SHARD_POOL}
PARTS = ("server", *POOLS, "dashboard", "deploy")
PREFECT = (sys.executable, "-m", "prefect")
PORTS = {"server": 4200, "dashboard": 8501}
PATIENCE_S = 180.0  # a Prefect server that migrates its database first answers late


def main() -> None:
    """Become the part that was asked for, or deploy and end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, help=f"of server or dashboard; {PORTS}")
    asked = parser.parse_args()
    settings = Settings()
    prepare(
        settings,
        PREFECT_WORKER_WEBSERVER_HOST=asked.host,  # its health, on port 8080
        # Prefect copies its pages beside its code, which nobody may write to here.
        PREFECT_SERVER_UI_STATIC_DIRECTORY=str(settings.home.absolute() / "prefect" / "ui"),
    )
    if asked.part == "deploy":
        deploy(settings)
        return
    line, more = command(asked.part, asked.host, asked.port)
    os.execve(line[0], line, {**os.environ, **more})  # noqa: S606 - the line is ours


def command(part: str, host: str, port: int | None = None) -> tuple[list[str], Mapping[str, str]]:
    """Return the command line of a part that keeps running, and what its environment needs."""
    if part == "server":
        line = [*PREFECT, "server", "start", "--host", host, "--port", str(port or PORTS[part])]
        return line, {}
    if part == "dashboard":
        from dashboard import launch

        line = launch.command(host, port or PORTS[part], Settings().login)
        return line, launch.environment()
    line = ("worker", "start", "--pool", POOLS[part], "--type", "process", "--with-healthcheck")
    few = ("--limit", "1") if part == "worker-shards" else ()  # a shard takes the whole machine
    return [*PREFECT, *line, *few], {}


def deploy(settings: Settings) -> None:
    """Bring schema, work pools, deployments and automations to this release, as often as wanted."""
    from flows.deploy import deploy_all
    from technopro.plant import open_plant

    open_plant(settings)
    wait_for_prefect()
    deploy_all(settings)
    print(f"deployed {', '.join(FLOWS)}")


def wait_for_prefect() -> None:
    """Return when the server at PREFECT_API_URL answers; raises TechnoproError in the end."""
    from prefect.client.orchestration import get_client

    deadline = monotonic() + PATIENCE_S
    with get_client(sync_client=True) as client:
        while (trouble := client.api_healthcheck()) is not None:
            if monotonic() > deadline:
                raise TechnoproError(f"no Prefect server at {client.api_url}: {trouble}")
            sleep(2)


if __name__ == "__main__":
    try:
        main()
    except TechnoproError as error:
        sys.exit(f"error: {error}")
