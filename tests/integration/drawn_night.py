"""One drawn night, inspected once; each file of tests goes on from there in a plant of its own."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from technopro import pipeline
from technopro.plant import Options, Plant, open_plant
from technopro.settings import Settings
from technopro.synth import write_factory

OPTIONS = Options(seed=3, device="cpu", profile="quick")


def draw_night(folder: Path, images: int, defects: int, seed: int) -> None:
    """Draw two patterns of so many images each."""
    write_factory(
        folder,
        patterns=2,
        images_per_pattern=images,
        defects_per_pattern=defects,
        size=128,
        seed=seed,
        contrast=2.0,
        families=("brushed", "grain"),
        workers=1,
    )


@pytest.fixture(scope="session")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("night")
    draw_night(folder, images=40, defects=6, seed=5)
    images = folder / "images"
    shutil.copy(next(images.glob("*.png")), images / "twin.png")
    (images / "empty.png").write_bytes(b"")
    (images / "notes.txt").write_text("not an image")
    return folder


@pytest.fixture(scope="session")
def first(night: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the first inspection wrote; the plant it was done in lies beside it, as `home`."""
    folder = tmp_path_factory.mktemp("inspected")
    plant = open_plant(Settings(home=folder / "home", _env_file=None))
    pipeline.inspect(plant, str(night / "images"), folder / "first", OPTIONS)
    plant.engine.dispose()
    return folder / "first"


@pytest.fixture(scope="module")
def plant(first: Path, tmp_path_factory: pytest.TempPathFactory) -> Plant:
    """The plant after the first inspection, a copy for the tests of one file."""
    home = tmp_path_factory.mktemp("plant") / "home"
    shutil.copytree(first.parent / "home", home)
    return open_plant(Settings(home=home, _env_file=None))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))
