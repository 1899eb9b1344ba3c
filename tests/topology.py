"""A plant as `infra/` sets it up, by hand: each part a process of its own, nothing embedded.

PostgreSQL for the plant and for Prefect, SeaweedFS that asks for signatures, a Prefect server with
a password, process workers and the dashboard, all through infra/start.py.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import boto3
from live import PrefectApi
from postgres_server import postgres_server
from pydantic import SecretStr
from s3_server import s3_server
from sqlalchemy import create_engine, make_url, text

from flows.server import Child, free_port, start
from flows.server import wait_for as wait_for_answer
from technopro.plant import Plant, open_plant
from technopro.settings import Settings

START = Path(__file__).parents[1] / "infra" / "start.py"
PASSWORD = "admin:a-password-that-no-log-may-show"  # noqa: S105
BUCKET, INCOMING = "inspection", "incoming/"


@dataclass
class Topology:
    """The running parts; each may be killed and started again."""

    folder: Path
    settings: Settings
    environment: Mapping[str, str]
    server: PrefectApi
    dashboard: str
    ports: Mapping[str, int]
    parts: dict[str, Child] = field(default_factory=dict)

    @cached_property
    def plant(self) -> Plant:
        """The plant as another process sees it; opened once the schema is there."""
        return open_plant(self.settings)

    @property
    def source(self) -> str:
        return f"s3://{BUCKET}/{INCOMING.rstrip('/')}"

    def start(self, part: str, name: str | None = None) -> Child:
        """Start a part, and another of the same kind under another name."""
        own = {"PREFECT_WORKER_WEBSERVER_PORT": str(free_port())}  # its health
        port = ("--port", str(self.ports[part])) if part in self.ports else ()
        name = name or part
        child = start(
            name, [sys.executable, "-P", str(START), part, *port], self.folder / "logs",
            {**self.environment, **own},
        )  # fmt: skip
        self.parts[name] = child
        if part == "server":
            wait_for_answer(f"{self.server.api}/health", child)
        elif part == "dashboard":
            wait_for_answer(f"{self.dashboard}/_stcore/health", child)
        return child

    def kill(self, part: str) -> None:
        """End a part as a power cut would."""
        process = self.parts[part].process
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def deploy(self, **more: str) -> None:
        """Bring schema and schedules to this release, with other settings where given."""
        self.environment = {**self.environment, **more}
        child = self.start("deploy")
        assert child.process.wait(120) == 0, child.log.read_text()

    def put(self, images: Sequence[Path]) -> None:
        """Bring images into the bucket, as a camera would."""
        client = boto3.session.Session().client("s3", endpoint_url=self.settings.s3_endpoint_url)
        for path in images:
            client.put_object(Bucket=BUCKET, Key=f"{INCOMING}{path.name}", Body=path.read_bytes())

    def log(self, name: str) -> str:
        return self.parts[name].log.read_text(errors="replace")


@contextmanager
def topology(
    folder: Path, way: Callable[[str, str], str] = lambda _, url: url, **settings: str
) -> Iterator[Topology]:
    """Yield the running parts; `settings` are further TECHNOPRO_ variables, in lower case.

    All parts reach the `database` and the `bucket` by the address that `way` makes of theirs.
    """
    with postgres_server() as postgres, s3_server() as s3:
        boto3.session.Session().client("s3", endpoint_url=s3).create_bucket(Bucket=BUCKET)
        running = _prepare(folder, way("database", postgres), way("bucket", s3), settings)
        try:
            yield running
        finally:
            for child in reversed(running.parts.values()):
                child.ask()
            for child in reversed(running.parts.values()):
                child.stop()
            if "plant" in vars(running):
                running.plant.engine.dispose()


def _prepare(folder: Path, uri: str, s3: str, more: Mapping[str, str]) -> Topology:
    admin = create_engine(
        make_url(uri).set(drivername="postgresql+psycopg", database="postgres"),
        isolation_level="AUTOCOMMIT",
    )
    with admin.connect() as connection:
        for name in ("technopro", "prefect"):
            connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    ports = {"server": free_port(), "dashboard": free_port()}
    database = make_url(uri).set(drivername="postgresql+psycopg", database="technopro")
    prefects = make_url(uri).set(drivername="postgresql+asyncpg", database="prefect")
    api = f"http://127.0.0.1:{ports['server']}/api"
    given = {
        "TECHNOPRO_HOME": str(folder / "home"),
        "TECHNOPRO_DATABASE_URL": database.render_as_string(hide_password=False),
        "TECHNOPRO_OBJECT_STORE": f"s3://{BUCKET}/store",
        "TECHNOPRO_SOURCE": f"s3://{BUCKET}/{INCOMING.rstrip('/')}",
        "TECHNOPRO_S3_ENDPOINT_URL": s3,
        **{f"TECHNOPRO_{name.upper()}": value for name, value in more.items()},
        "PREFECT_API_URL": api,
        "PREFECT_API_AUTH_STRING": PASSWORD,
        "PREFECT_SERVER_API_AUTH_STRING": PASSWORD,
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": prefects.render_as_string(hide_password=False),
    }
    settings = Settings(
        home=folder / "home",
        database_url=SecretStr(given["TECHNOPRO_DATABASE_URL"]),
        object_store=given["TECHNOPRO_OBJECT_STORE"],
        s3_endpoint_url=s3,
        _env_file=None,
    )
    dashboard = f"http://127.0.0.1:{ports['dashboard']}"
    return Topology(folder, settings, given, PrefectApi(api, PASSWORD), dashboard, ports)
