"""A night in a name space of its own, where one folder is a small, soon full filesystem.

    unshare --user --map-root-user --mount python small_disk.py WHICH FOLDER SOURCE

WHICH is what lies on the small one: objects, database or scratch. Prints what happened as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from drawn_night import OPTIONS
from sqlalchemy import func, select

from technopro import pipeline, registry
from technopro.errors import TechnoproError
from technopro.plant import Plant, open_plant
from technopro.registry.tables import Image, ModelVersion, Prediction
from technopro.settings import Settings

SIZES = {"objects": "500k", "database": "700k", "scratch": "8m"}


def main(which: str, folder: Path, source: str) -> dict[str, Any]:
    """Go through a night until the disk is full, then give it room and go through it again."""
    small = folder / "small"
    small.mkdir()
    mount(small, f"size={SIZES[which]}")
    home = folder / "home"
    settings = Settings(
        home=home,
        object_store=str((small if which == "objects" else home) / "objects"),
        database_url=f"sqlite:///{(small if which == 'database' else home) / 'technopro.db'}",
        _env_file=None,
    )
    home.mkdir()
    if which == "scratch":
        tempfile.tempdir = str(small)
    plant = open_plant(settings)
    said = go_through(plant, source)
    left = [path.name for path in small.rglob(".*.part")]
    mount(small, "remount,size=200m")
    return {"said": said, "left": left, "again": go_through(plant, source), "rows": count(plant)}


def mount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)


def go_through(plant: Plant, source: str) -> str | None:
    """Return what the night says where it fails."""
    try:
        batch = pipeline.ingest(plant, source)
        pipeline.retrain(plant, batch, OPTIONS, which="changed")
        pipeline.score(plant, batch, OPTIONS)
    except TechnoproError as error:
        return f"{type(error).__name__}: {error}"
    return None


def count(plant: Plant) -> dict[str, Any]:
    with registry.unit_of_work(plant.engine) as session:
        counts = {
            table.__tablename__: session.scalar(select(func.count()).select_from(table))
            for table in (Image, ModelVersion, Prediction)
        }
        return counts | {"runs": sorted(
            f"{run.kind} {run.state}" for run in registry.recent_runs(session)
        )}  # fmt: skip


if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = "1"
    print(json.dumps(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])))
