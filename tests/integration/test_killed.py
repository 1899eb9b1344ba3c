"""A retrain killed on its way is taken up where it was, and nothing shows that it ever died."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from drawn_night import OPTIONS, draw_night

from technopro import pipeline, registry
from technopro.plant import Plant, open_plant
from technopro.settings import Settings

START = f"""
import sys
from pathlib import Path
from technopro import pipeline
from technopro.plant import Options, open_plant
if __name__ == "__main__":
    plant, options = open_plant(), {OPTIONS!r}
    if sys.argv[1] == "retrain":
        pipeline.retrain(plant, 1, options, which="changed")
    else:
        pipeline.inspect(plant, sys.argv[1], Path(sys.argv[2]), options)
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("night")
    draw_night(folder, images=20, defects=4, seed=5, size=96)
    return str(folder / "images")


def plant_at(home: Path) -> Plant:
    return open_plant(Settings(home=home, _env_file=None))


def night(plant: Plant, source: str) -> dict[str, Any]:
    """Go through a night; returns what it left, without names of runs and times."""
    batch = pipeline.ingest(plant, source)
    pipeline.retrain(plant, batch, OPTIONS, which="changed")
    run = pipeline.score(plant, batch, OPTIONS)
    with registry.unit_of_work(plant.engine) as session:
        frame = registry.scores(session, run)
        rates = registry.night(session, run)
        return {
            "weights": {n: m.weights_sha256 for n, m in registry.champions(session).items()},
            "models": len(registry.model_versions(session)),
            "reigns": [len(registry.deployments(session, n)) for n in registry.patterns(session)],
            "alerts": [(a.topic, a.words) for a in registry.open_alerts(session)],
            "scores": frame[["path", "pattern", "score", "decision"]].to_dict("list"),
            "rates": [(r.pattern, r.images, r.flagged, r.defect_share) for r in rates],
        }


def killed_after(models: int, home: Path, *words: str) -> None:
    """Start in a process of its own and kill it once so many models are recorded."""
    environment = {**os.environ, "TECHNOPRO_HOME": str(home)}
    process = subprocess.Popen([sys.executable, "-c", START, *words], env=environment)
    plant = plant_at(home)
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        assert process.poll() is None, "it ended before it could be killed"
        with registry.unit_of_work(plant.engine) as session:
            if len(registry.model_versions(session)) >= models:
                break
        time.sleep(0.05)
    process.kill()
    process.wait()


def test_a_killed_retrain_goes_on_with_the_pattern_it_was_at(source: str, tmp_path: Path) -> None:
    undisturbed = night(plant_at(tmp_path / "undisturbed"), source)
    killed = plant_at(tmp_path / "killed")
    pipeline.ingest(killed, source)
    killed_after(1, tmp_path / "killed", "retrain")
    assert night(killed, source) == undisturbed
    with registry.unit_of_work(killed.engine) as session:
        runs = registry.recent_runs(session, kind="retrain")
        made = [len(registry.models_of_run(session, run.id)) for run in reversed(runs)]
    assert made == [1, 1]


def test_a_night_that_died_after_its_retrain_compares_nothing_anew(plant: Plant) -> None:
    first = pipeline.retrain(plant, 1, OPTIONS, which="changed")
    assert pipeline.retrain(plant, 1, OPTIONS, which="changed") == first
    pipeline.score(plant, 1, OPTIONS)
    assert pipeline.retrain(plant, 1, OPTIONS, which="changed") != first


def test_an_inspection_after_a_killed_one_judges_everything_by_its_own_models(
    source: str, tmp_path: Path
) -> None:
    plant = plant_at(tmp_path / "home")
    killed_after(1, tmp_path / "home", source, str(tmp_path / "out"))
    summary = pipeline.inspect(plant, source, tmp_path / "out", OPTIONS)
    with registry.unit_of_work(plant.engine) as session:
        newest = registry.recent_runs(session, kind="retrain")[0]
        own = registry.models_of_run(session, newest.id)
    assert {p["pattern"] for p in summary["patterns"]} == own.keys()
    assert [p["images"] for p in summary["patterns"]] == [20, 20]
