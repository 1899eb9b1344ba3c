"""Where the time of a whole inspection goes, stage by stage, in several versions of the product.

    git worktree add /tmp/before COMMIT
    python benchmarks/stages.py --folder out --tree before=/tmp/before --tree after=. --times 5

One drawn surface goes from files to decisions in each tree in turn, in a plant of its own; the
table has medians, the picture shows them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Annotated

import typer
from matplotlib.figure import Figure

from technopro.synth import write_factory

VERB = [sys.executable, "-c", "from technopro.cli import main; main()"]
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#999999")
SHOWN = 0.02  # of the longest run: what takes less is left out of the picture
Seconds = dict[str, list[float]]  # by stage


def main(
    folder: Annotated[Path, typer.Option(help="Where images, plants and the picture go.")],
    tree: Annotated[list[str], typer.Option(help="NAME=FOLDER of a checkout.")],
    times: Annotated[int, typer.Option(help="Of each, in turn.")] = 5,
    images: int = 345,
    size: Annotated[int, typer.Option(help="Pixels a side.")] = 512,
    family: str = "grain",
) -> None:
    """Run, print a table, draw."""
    trees = dict(one.split("=", 1) for one in tree)
    if not (folder / "set").exists():
        write_factory(folder / "set", patterns=1, images_per_pattern=images, defect_share=0.13,
                      size=size, families=(family,))  # fmt: skip
    taken: dict[str, Seconds] = {name: {} for name in trees}
    for _ in range(times):
        for name, place in trees.items():
            for stage, seconds in _inspected(folder, Path(place)).items():
                taken[name].setdefault(stage, []).append(seconds)
    stages = _stages(taken)
    typer.echo(f"| | {' | '.join(stages)} |\n|---|{'---|' * len(stages)}")
    for name, own in taken.items():
        told = (f"{median(own[s]):.1f}" if s in own else "–" for s in stages)
        low, high = min(own["total"]), max(own["total"])
        typer.echo(f"| {name} ({low:.0f} to {high:.0f}) | {' | '.join(told)} |")
    draw(folder / "stages.png", {n: {s: median(v) for s, v in o.items()} for n, o in taken.items()})


def _stages(taken: Mapping[str, Mapping[str, object]]) -> list[str]:
    """Return every stage of every version, as they follow each other, the whole at last."""
    return [*dict.fromkeys(s for own in taken.values() for s in own if s != "total"), "total"]


def _inspected(folder: Path, tree: Path) -> dict[str, float]:
    """Return seconds by stage of one inspection by the product in `tree`."""
    home, out = folder / "home", folder / "out"
    for place in (home, out):
        shutil.rmtree(place, ignore_errors=True)
    own = {"TECHNOPRO_HOME": str(home.absolute()), "PYTHONPATH": str(tree.absolute()),
           "TECHNOPRO_CACHE": str((folder / f"cache-{tree.name}").absolute())}  # fmt: skip
    images = str((folder / "set/images").absolute())
    shutil.rmtree(folder / f"cache-{tree.name}" / "features", ignore_errors=True)
    subprocess.run(
        [*VERB, "inspect", images, "--out", str(out.absolute()), "--profile", "standard"],
        check=True, stdout=subprocess.DEVNULL, cwd=folder, env={**os.environ, **own},
    )  # fmt: skip
    seconds: dict[str, float] = json.loads((out / "summary.json").read_text())["seconds"]
    return seconds


def draw(path: Path, taken: Mapping[str, Mapping[str, float]]) -> None:
    """Write a bar a version, made of its stages."""
    longest = max(own["total"] for own in taken.values())
    stages = [
        stage
        for stage in _stages(taken)[:-1]
        if any(own.get(stage, 0) >= SHOWN * longest for own in taken.values())
    ]
    figure = Figure(figsize=(9, 1.1 + 0.6 * len(taken)), layout="constrained")
    axes = figure.subplots()
    for row, own in enumerate(taken.values()):
        left = 0.0
        for number, stage in enumerate(stages):
            width = own.get(stage, 0.0)
            colour = COLOURS[number % len(COLOURS)]
            axes.barh(row, width, left=left, color=colour, label=None if row else stage)
            left += width
        axes.text(left, row, f"  {own['total']:.0f} s", va="center")
    axes.set_yticks(range(len(taken)), list(taken))
    axes.set_xlabel("seconds")
    axes.set_xlim(0, 1.12 * longest)
    axes.invert_yaxis()
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside upper center", ncols=len(stages), frameon=False)
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    typer.run(main)
