"""One drawn night, inspected once; each file of tests goes on from there in a plant of its own."""

from __future__ import annotations

import csv
import os
import shutil
from pathlib import Path

import pytest
from filelock import FileLock

from technopro import pipeline
from technopro.plant import Options, Plant, open_plant
from technopro.settings import Settings
from technopro.synth import write_factory

OPTIONS = Options(seed=3, device="cpu", profile="quick")


def draw_night(folder: Path, images: int, defects: int, seed: int, size: int = 128) -> None:
    """Draw two patterns of so many images each."""
    write_factory(
        folder,
        patterns=2,
        images_per_pattern=images,
        defects_per_pattern=defects,
        size=size,
        seed=seed,
        contrast=2.0,
        families=("brushed", "grain"),
        workers=1,
    )


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of tests share, with the drawn night and what came of it."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared"
    folder.mkdir(exist_ok=True)
    with FileLock(folder / "lock"):
        if not (folder / "done").exists():
            _draw_and_inspect(folder)
            (folder / "done").touch()
    return folder


def _draw_and_inspect(folder: Path) -> None:
    draw_night(folder / "night", images=40, defects=6, seed=5)
    images = folder / "night/images"
    shutil.copy(next(images.glob("*.png")), images / "twin.png")
    (images / "empty.png").write_bytes(b"")
    (images / "notes.txt").write_text("not an image")
    plant = open_plant(Settings(home=folder / "home", _env_file=None))
    pipeline.inspect(plant, str(images), folder / "first", OPTIONS)
    plant.engine.dispose()


@pytest.fixture(scope="session")
def night(shared: Path) -> Path:
    return shared / "night"


@pytest.fixture(scope="session")
def first(shared: Path) -> Path:
    """What the first inspection wrote."""
    return shared / "first"


@pytest.fixture(scope="module")
def plant(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Plant:
    """The plant after the first inspection, a copy for the tests of one file."""
    home = tmp_path_factory.mktemp("plant") / "home"
    shutil.copytree(shared / "home", home)
    return open_plant(Settings(home=home, _env_file=None))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))
