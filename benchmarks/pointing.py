"""Do the heat maps point at the defects? The pointing game on drawn defects with masks.

    python benchmarks/pointing.py --results out --families brushed,grain --seeds 0

A map hits where its hottest position, as large as it is in the picture, touches the defect (Zhang
et al., ECCV 2016, with a margin of one position). Maps called trusted are counted apart.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from PIL import Image

from technopro import pipeline, registry
from technopro.explain.heat import TRUSTED, decode_heat, faithfulness_of
from technopro.plant import Options, open_plant
from technopro.report.tables import write_whole
from technopro.settings import Profile, Settings
from technopro.synth import families, write_factory

IMAGES, DEFECTS = 115, 15  # a pattern


def main(
    results: Annotated[Path, typer.Option(help="Where drawings and figures go.")],
    chosen: Annotated[str, typer.Option("--families", help="With commas; else all.")] = "",
    seeds: Annotated[str, typer.Option(help="With commas.")] = "0",
    size: Annotated[int, typer.Option(help="Pixels a side.")] = 512,
    profile: Annotated[Profile, typer.Option(help="quick or standard.")] = "standard",
) -> None:
    """Draw, learn, compare hottest places with masks; print one line a surface, then all."""
    maps: list[tuple[bool, float]] = []
    for family in chosen.split(",") if chosen else families():
        for seed in map(int, seeds.split(",")):
            path = results / f"{family}-{seed}.json"
            if not path.exists():
                found = measure(results / f"{family}-{seed}", family, seed, size, profile)
                write_whole(path, json.dumps(found).encode())
            own = [(bool(hit), float(trust)) for hit, trust in json.loads(path.read_text())]
            typer.echo(line(f"{family} {seed}", own))
            maps += own
    typer.echo(line("all", maps))


def measure(
    folder: Path, family: str, seed: int, size: int, profile: Profile
) -> list[tuple[bool, float]]:
    """Return of each map of a defective image whether it hits, and its faithfulness."""
    write_factory(
        folder / "drawn", patterns=1, images_per_pattern=IMAGES, defects_per_pattern=DEFECTS,
        size=size, seed=seed, families=(family,), masks=True, workers=1,
    )  # fmt: skip
    plant = open_plant(Settings(home=folder / "home", _env_file=None))
    pipeline.inspect(
        plant, str(folder / "drawn/images"), folder / "out",
        Options(profile=profile, device="cpu", seed=seed),
    )  # fmt: skip
    with registry.unit_of_work(plant.engine) as session:
        (night,) = registry.nights(session, 1)
        suspects = registry.worst(session, night.run_id, None, IMAGES)
    found = []
    for one in suspects:
        mask = folder / "drawn/masks" / one.path
        if one.heat_key and mask.exists():
            data = plant.store.get(one.heat_key)
            found.append((hits(decode_heat(data), mask), faithfulness_of(data) or 0.0))
    return found


def hits(heat: np.ndarray, mask: Path) -> bool:
    """Return whether the hottest position, or one beside it, touches the mask."""
    with Image.open(mask) as picture:
        defect = np.asarray(picture.convert("L")) > 0
    height, width = defect.shape[0] / heat.shape[0], defect.shape[1] / heat.shape[1]
    y, x = np.unravel_index(int(np.argmax(heat)), heat.shape)
    rows = slice(max(0, int((y - 1) * height)), int((y + 2) * height))
    columns = slice(max(0, int((x - 1) * width)), int((x + 2) * width))
    return bool(heat.max() > 0 and defect[rows, columns].any())


def line(name: str, maps: list[tuple[bool, float]]) -> str:
    """Return hits of all maps and of those called trusted."""
    trusted = [hit for hit, trust in maps if trust >= TRUSTED]
    return (
        f"{name}: {sum(hit for hit, _ in maps)} of {len(maps)} hit; "
        f"{sum(trusted)} of {len(trusted)} called trusted"
    )


if __name__ == "__main__":
    typer.run(main)
