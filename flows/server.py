"""A Prefect server as a child process on loopback."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from types import FrameType

from technopro.errors import InputError, TechnoproError

START_S = 120.0
STOP_S = 20.0


@dataclass(frozen=True)
class Child:
    """A started process and where it logs."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def ask(self) -> None:
        """Ask the whole process group to end."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)

    def stop(self) -> None:
        """Ask the whole process group to end, then make it end."""
        self.ask()
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def start(
    name: str, command: Sequence[str], logs: Path, environment: Mapping[str, str] | None = None
) -> Child:
    """Start a child in its own process group, its output in `logs`/name.log."""
    logs.mkdir(parents=True, exist_ok=True)
    log = logs / f"{name}.log"
    with log.open("ab") as out:
        process = subprocess.Popen(  # noqa: S603
            list(command),
            stdout=out,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, **(environment or {})},
        )
    return Child(name, process, log)


def end_when_asked() -> None:
    """Have this process end on SIGTERM and SIGINT by a KeyboardInterrupt: children are stopped.

    A shell's background job ignores SIGINT by default, and SIGTERM ends a process at once.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def require_free(host: str, port: int, option: str) -> None:
    """Raise InputError where something listens already."""
    with socket.socket() as probe:
        if probe.connect_ex((host, port)) == 0:
            raise InputError(f"port {port} is in use; stop what uses it or choose {option}")


def free_port() -> int:
    """Return a port on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_server(host: str, port: int, logs: Path) -> tuple[Child, str]:
    """Start a Prefect server, wait until it answers, return it and its API address."""
    prefect = [sys.executable, "-m", "prefect", "server", "start"]
    child = start("prefect-server", [*prefect, "--host", host, "--port", str(port)], logs)
    api = f"http://{host}:{port}/api"
    try:
        wait_for(f"{api}/health", child)
    except BaseException:
        child.stop()
        raise
    return child, api


def wait_for(url: str, child: Child) -> None:
    """Wait until `url` answers; raises TechnoproError if the child dies or takes too long."""
    deadline = monotonic() + START_S
    while monotonic() < deadline:
        if child.process.poll() is not None:
            raise TechnoproError(f"{child.name} stopped while starting; see {child.log}")
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310
                return
        except (urllib.error.URLError, OSError):
            sleep(0.3)
    raise TechnoproError(f"{child.name} did not answer within {START_S:.0f} s; see {child.log}")


@contextmanager
def temporary_server(logs: Path) -> Iterator[str]:
    """Yield the API address of a server that lives as long as the block."""
    child, api = start_server("127.0.0.1", free_port(), logs)
    try:
        yield api
    finally:
        child.stop()
