"""One drawn night, inspected once for all tests that look at what came of it."""

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
def plant(tmp_path_factory: pytest.TempPathFactory) -> Plant:
    return open_plant(Settings(home=tmp_path_factory.mktemp("home"), _env_file=None))


@pytest.fixture(scope="session")
def first(night: Path, plant: Plant, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("first")
    pipeline.inspect(plant, str(night / "images"), out, OPTIONS)
    return out


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))
