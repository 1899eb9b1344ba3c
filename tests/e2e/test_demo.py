"""`make run` begins from nothing: its own Prefect server, which the flows then find."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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


def test_its_flows_find_the_server_that_it_started(tmp_path: Path) -> None:
    """In a process of its own, which has not imported Prefect yet."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")}
    done = subprocess.run(
        [sys.executable, "-c", BEGUN], capture_output=True, text=True, check=False, cwd=tmp_path,
        env=environment | {"TECHNOPRO_HOME": str(tmp_path / "home")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "the server answered 200" in done.stdout
