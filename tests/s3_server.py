"""A real S3 server (SeaweedFS) on this machine only, which asks for signatures."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

ACCESS_KEY, SECRET_KEY = "integration", "a-secret-that-no-message-may-show"
PORTS = (
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "s3.port",
    "s3.port.grpc",
)
START_TIMEOUT_S = 60


@contextmanager
def s3_server() -> Iterator[str]:
    """Yield its URL; this process's environment holds its keys meanwhile."""
    with tempfile.TemporaryDirectory(prefix="weed") as folder, pytest.MonkeyPatch.context() as env:
        _use_keys(env)
        ports = dict(zip(PORTS, _free_ports(len(PORTS)), strict=True))
        url = f"http://127.0.0.1:{ports['s3.port']}"
        server = _start(Path(folder), ports)
        try:
            _wait(server, url, Path(folder) / "log")
            yield url
        finally:
            _stop(server, ports)


def _use_keys(env: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        env.delenv(name)
    env.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    env.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    env.setenv("AWS_DEFAULT_REGION", "us-east-1")
    env.setenv("AWS_CONFIG_FILE", os.devnull)
    env.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    env.setenv("AWS_EC2_METADATA_DISABLED", "true")


def _start(folder: Path, ports: dict[str, int]) -> subprocess.Popen[bytes]:
    command = [
        str(Path(sysconfig.get_path("scripts")) / "weed"),
        "-logtostderr",
        "server",
        *(f"-{name}={port}" for name, port in ports.items()),
        *_options(folder),
    ]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            command, cwd=folder, env={**os.environ, "HOME": str(folder)}, stdout=log, stderr=log
        )


def _options(folder: Path) -> list[str]:
    (folder / "data").mkdir()
    keys = {"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}
    identity = {"name": "test", "credentials": [keys], "actions": ["Admin"]}
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    return [
        "-s3",
        f"-dir={folder / 'data'}",
        f"-s3.config={folder / 's3.json'}",
        f"-s3.localSocket={folder / 's3.sock'}",
        f"-filer.localSocket={folder / 'filer.sock'}",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-s3.autoCreateBucket=false",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-master.telemetry=false",
        "-master.volumeSizeLimitMB=64",
        "-volume.max=500",
        "-volume.preStopSeconds=0",
    ]


def _free_ports(count: int) -> list[int]:
    """Return ports that were free a moment ago, all different."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def _wait(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Wait until a probe bucket can be written to: a listening port is not yet a working store."""
    quick = Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=5)
    client = boto3.session.Session().client("s3", endpoint_url=url, config=quick)
    deadline, last = time.monotonic() + START_TIMEOUT_S, ""
    while time.monotonic() < deadline and server.poll() is None:
        try:
            client.create_bucket(Bucket="probe")
            client.put_object(Bucket="probe", Key="probe", Body=b"x")
            client.delete_bucket(Bucket="probe")
            return
        except Exception as error:
            last = str(error)
            time.sleep(0.3)
    pytest.fail(f"SeaweedFS did not start: {last}\n{log.read_text(errors='replace')[-2000:]}")


def _stop(server: subprocess.Popen[bytes], ports: dict[str, int]) -> None:
    """End the one process at once: asked politely it waits 15 s for itself, and its data goes."""
    server.kill()
    server.wait()
    for part in ("master", "volume", "filer", "s3"):
        left = f"/tmp/seaweedfs-{part}-grpc-{ports[f'{part}.port.grpc']}.sock"  # noqa: S108  its choice
        Path(left).unlink(missing_ok=True)
