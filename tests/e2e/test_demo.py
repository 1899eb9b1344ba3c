"""`make run` begins from nothing: its own Prefect server, which the flows then find."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from flows.server import require_free

BEGUN = """
from pathlib import Path
from flows import demo

def ask(*_):
    from prefect.client.orchestration import get_client
    with get_client(sync_client=True) as client:
        print("the server answered", client.hello().status_code)
    raise SystemExit

demo.write_factory, demo._run_flows = lambda *_, **__: None, ask
demo.run(Path("demo"), images=1, defects=0, size=96, seed=0, profile="quick")
"""

WORKING = """
import os, time
from pathlib import Path
from flows import demo

def work(*_):
    print(os.environ["PREFECT_API_URL"], flush=True)
    time.sleep(60)

demo.write_factory, demo._run_flows = lambda *_, **__: None, work
demo.run(Path("demo"), images=1, defects=0, size=96, seed=0, profile="quick")
"""


def begin(code: str, folder: Path) -> subprocess.Popen[str]:
    """Start a process that knows of no Prefect server."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")}
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=folder, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=environment | {"TECHNOPRO_HOME": str(folder / "home")},
    )  # fmt: skip


def test_its_flows_find_the_server_that_it_started(tmp_path: Path) -> None:
    """In a process of its own, which has not imported Prefect yet."""
    demo = begin(BEGUN, tmp_path)
    told, wrong = demo.communicate()
    assert demo.returncode == 0, wrong
    assert "the server answered 200" in told


def test_it_takes_its_server_with_it_when_asked_to_end(tmp_path: Path) -> None:
    demo = begin(WORKING, tmp_path)
    assert demo.stdout is not None
    api = next(line for line in demo.stdout if line.startswith("http"))
    where = urlsplit(api.strip())
    host, port = str(where.hostname), int(where.port or 0)
    socket.create_connection((host, port)).close()
    demo.terminate()
    demo.communicate(timeout=60)
    assert demo.returncode != 0
    require_free(host, port, "")
