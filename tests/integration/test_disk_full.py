"""A disk that gets full: one clear line, nothing lost, and all is well once there is room."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from technopro.synth import write_factory

IMAGES = 24
SCRIPT = Path(__file__).with_name("small_disk.py")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("night")
    write_factory(
        folder, patterns=1, images_per_pattern=IMAGES, defects_per_pattern=3, size=128, seed=5,
        families=("grain",), workers=1,
    )  # fmt: skip
    return str(folder / "images")


def night_on_a_small_disk(which: str, folder: Path, source: str) -> dict[str, Any]:
    """Let one of the folders be a small filesystem of its own; see small_disk.py."""
    shown = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", sys.executable, str(SCRIPT), which,
         str(folder), source],
        capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": f"{SCRIPT.parent}:{os.environ.get('PYTHONPATH', '')}"},
    )  # fmt: skip
    assert shown.returncode == 0, shown.stderr
    told: dict[str, Any] = json.loads(shown.stdout.splitlines()[-1])
    return told


@pytest.mark.parametrize(
    ("which", "words"),
    [
        ("objects", "StoreError: the disk of .*objects is full: .*what was stored is kept"),
        ("database", "RegistryError: .* full; what was recorded before is kept"),
        ("scratch", "StoreError: the disk of .*small is full, .*set TMPDIR to a folder with more"),
    ],
)
def test_a_full_disk(which: str, words: str, tmp_path: Path, source: str) -> None:
    told = night_on_a_small_disk(which, tmp_path, source)
    assert re.match(words, told["said"] or "the night went well"), told["said"]
    assert told["left"] == []
    assert told["again"] is None
    runs = told["rows"].pop("runs")
    assert told["rows"] == {"images": IMAGES, "model_versions": 1, "predictions": IMAGES}
    assert runs.count("score completed") == 1
    assert sum("failed" in run for run in runs) == 1
