"""Debian's PostgreSQL, with its contributed modules: Prefect searches with pg_trgm."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flows.server import free_port

PROGRAMS = Path("/usr/lib/postgresql")
START_S = 60


@contextmanager
def postgres_server() -> Iterator[str]:
    """Yield postgresql://user:password@host:port of a new cluster on this machine only."""
    programs = _programs()
    owner = "postgres" if os.geteuid() == 0 else None  # it refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="postgres"))
    try:
        if owner:
            shutil.chown(folder, owner)
        password = secrets.token_hex(12)
        given = folder / "password"
        given.write_text(password)
        if owner:
            shutil.chown(given, owner)
        cluster, port = folder / "cluster", free_port()
        subprocess.run(
            [programs / "initdb", "--pgdata", cluster, "--username", "plant", "--pwfile", given,
             "--auth", "scram-sha-256", "--encoding", "UTF8", "--no-sync"],
            check=True, user=owner, cwd=folder, capture_output=True,
        )  # fmt: skip
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [programs / "postgres", "-D", cluster, "-p", str(port), "-h", "127.0.0.1",
                 "-k", folder, "-c", "max_connections=200"],
                user=owner, cwd=folder, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            _wait(programs, port, server, folder / "log")
            yield f"postgresql://plant:{password}@127.0.0.1:{port}"
        finally:
            server.send_signal(signal.SIGINT)  # does not wait for those who are still connected
            server.wait(60)
    finally:
        shutil.rmtree(folder)


def _programs() -> Path:
    found = sorted(PROGRAMS.glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if not found:
        pytest.fail(f"expected PostgreSQL in {PROGRAMS}; install it: apt-get install postgresql")
    return found[-1].parent


def _wait(programs: Path, port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    ready = [programs / "pg_isready", "--host", "127.0.0.1", "--port", str(port)]
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and server.poll() is None:
        if subprocess.run(ready, capture_output=True, check=False).returncode == 0:
            return
        time.sleep(0.2)
    pytest.fail(f"PostgreSQL did not start:\n{log.read_text(errors='replace')[-2000:]}")
