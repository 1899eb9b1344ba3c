"""Thirty nights of a drawn plant: do patterns keep their names, and is there no alarm for nothing?

    python benchmarks/nights.py --results out            # drift, a new pattern, a merge
    python benchmarks/nights.py --stationary --results out

Pattern 1 drifts all the time, pattern 5 first comes on night 11, on night 17 QA merges pattern 4
into 3. Every night brings another number of images of each pattern. Stationary nights have four
patterns of which nothing changes.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from technopro import pipeline, registry
from technopro.drift.figure import DriftFigure, Level
from technopro.plant import Options, Plant, open_plant
from technopro.settings import Settings
from technopro.synth import write_factory

app = typer.Typer(no_args_is_help=True)
FAMILIES = ("woven", "grain", "brushed", "noise", "striped")
NEW_ON, MERGED_ON = 11, 17
MERGED, INTO = 4, 3  # drawn patterns, counted from 1
MOST, FEWEST = 40, 26  # images a pattern and night
DEFECTIVE = 0.1
SIZE = 128  # pixels a side


@dataclass(frozen=True)
class Plan:
    """What the nights bring."""

    nights: int
    stationary: bool
    seed: int

    @property
    def patterns(self) -> int:
        return 4 if self.stationary else 5


@app.command()
def run(
    results: Annotated[Path, typer.Option(help="Where drawings, home and figures go.")],
    nights: Annotated[int, typer.Option(help="How many.")] = 30,
    stationary: Annotated[bool, typer.Option("--stationary", help="Nothing changes.")] = False,
    seed: Annotated[int, typer.Option(help="The same seed draws the same nights.")] = 0,
) -> None:
    """Draw the nights, live through them, print what happened."""
    plan = Plan(nights, stationary, seed)
    folders = _draw(plan, results / "drawn")
    plant = open_plant(Settings(home=results / "home", _env_file=None))
    told: dict[str, str] = {}  # drawn pattern -> name it got first
    rows = []
    for number, folder in enumerate(folders, 1):
        if number == MERGED_ON and not stationary:
            _merge(plant, told)
        rows.append(_night(plant, number, folder, told, seed))
        typer.echo(json.dumps(rows[-1]))
    (results / "nights.json").write_text(json.dumps(rows, indent=1))
    typer.echo(json.dumps(_sum(rows, plan)))


def _draw(plan: Plan, root: Path) -> list[Path]:
    """Draw as many images of each pattern as any night needs, then take some away."""
    drawn = write_factory(
        root, patterns=plan.patterns, images_per_pattern=MOST, defect_share=DEFECTIVE, size=SIZE,
        seed=plan.seed, contrast=2.0, nights=plan.nights, families=FAMILIES[: plan.patterns],
        drift=0.0 if plan.stationary else 1.0,
    )  # fmt: skip
    rng = np.random.default_rng([plan.seed, 1])
    for number, folder in enumerate(drawn.nights, 1):
        truth = _truth(folder)
        last = _in_order(truth)[-1]
        for pattern, ids in sorted(truth.items()):
            absent = not plan.stationary and pattern == last and number < NEW_ON
            kept = 0 if absent else int(rng.integers(FEWEST, MOST + 1))
            for name in ids[kept:]:
                (folder / "images" / f"{name}.png").unlink(missing_ok=True)
    return list(drawn.nights)


def _truth(folder: Path) -> dict[str, list[str]]:
    with (folder / "truth.csv").open(newline="") as file:
        found: dict[str, list[str]] = {}
        for row in csv.DictReader(file):
            found.setdefault(row["pattern"], []).append(row["id"])
    return found


def _in_order(names: Iterable[str]) -> list[str]:
    """Drawn patterns in the order in which they were asked for."""
    return sorted(names, key=lambda n: FAMILIES.index(next(f for f in FAMILIES if f in n)))


def _merge(plant: Plant, told: dict[str, str]) -> None:
    drawn = _in_order(told)
    name, into = told[drawn[MERGED - 1]], told[drawn[INTO - 1]]
    with registry.unit_of_work(plant.engine) as session:
        registry.merge(session, name, into, actor="qa", reason="the same part")
        session.commit()
    told[drawn[MERGED - 1]] = into


def _night(
    plant: Plant, number: int, folder: Path, told: dict[str, str], seed: int
) -> dict[str, Any]:
    options = Options(seed=seed, device="cpu", profile="quick")
    with registry.unit_of_work(plant.engine) as session:
        before = set(registry.patterns(session))
    batch = pipeline.ingest(plant, str(folder / "images"))
    retrained = pipeline.retrain(plant, batch, options, which="changed")
    scored = pipeline.score(plant, batch, options)
    with registry.unit_of_work(plant.engine) as session:
        frame = registry.scores(session, scored)
        figures = registry.drift_figures(session, [retrained, scored])
        new = sorted(set(registry.patterns(session)) - before)
        models = sorted(registry.models_of_run(session, retrained))
        seconds = [registry.run_row(session, i).figures["seconds"] for i in (retrained, scored)]
    truth = {f"{i}.png": pattern for pattern, ids in _truth(folder).items() for i in ids}
    frame["truth"] = frame["path"].map(truth)
    for pattern, own in frame.groupby("truth"):
        told.setdefault(str(pattern), str(own["pattern"].mode()[0]))
    right = frame["pattern"] == frame["truth"].map(told)
    return {
        "night": number,
        "images": len(frame),
        "right": int(right.sum()),
        "new": new,
        "retrained": models,
        "drifted": _of_level(figures, Level.DRIFTED),
        "watch": _of_level(figures, Level.WATCH),
        "flagged": int((frame["decision"] == "defect").sum()),
        "seconds": round(sum(sum(s.values()) for s in seconds), 1),
    }


def _of_level(figures: Iterable[DriftFigure], level: Level) -> list[list[str | None]]:
    """What retrain and scoring said of a night, each once."""
    found = {(f.kind, f.pattern): None for f in figures if f.level is level}
    return [[kind, pattern] for kind, pattern in found]


def _sum(rows: list[dict[str, Any]], plan: Plan) -> dict[str, Any]:
    images, right = sum(r["images"] for r in rows), sum(r["right"] for r in rows)
    return {
        "on the right pattern": round(right / images, 5),
        "new patterns announced on nights": [r["night"] for r in rows[1:] if r["new"]],
        "nights with a drift alarm": [r["night"] for r in rows if r["drifted"]],
        "alarms": sum(len(r["drifted"]) for r in rows),
        "retrained": sum(len(r["retrained"]) for r in rows[1:]),
        "stationary": plan.stationary,
    }


if __name__ == "__main__":
    app()
