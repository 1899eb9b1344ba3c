"""All files of one recorded night."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from technopro import registry
from technopro.errors import RegistryError
from technopro.explain.gradcam import decode_heat
from technopro.intake import decode, image_key
from technopro.plant import Plant
from technopro.report.flight import flight_table
from technopro.report.pictures import DECISION_COLOURS, Tile, contact_sheet, score_distributions
from technopro.report.tables import (
    write_faults,
    write_flight,
    write_predictions,
    write_quarantine,
    write_summary,
)
from technopro.results import PatternNight, Quarantined

SHEET = 16  # tiles


def write_files(
    plant: Plant, run_id: str, out: Path, versions: dict[str, str], total_s: float | None
) -> dict[str, Any]:
    """Write tables, summary and pictures of a night into `out`; returns the summary.

    Raises RegistryError where the run scored nothing.
    """
    out.mkdir(parents=True, exist_ok=True)
    with registry.unit_of_work(plant.engine) as session:
        patterns = registry.night(session, run_id)
        if not patterns:
            raise RegistryError(f"run {run_id} has no scores; choose one that `score` finished")
        frame = registry.scores(session, run_id)
        batch_id = next(n.batch_id for n in registry.nights(session, 10_000) if n.run_id == run_id)
        quarantined = registry.quarantined(session, batch_id)
        suspects = {n.pattern: registry.worst(session, run_id, n.pattern, SHEET) for n in patterns}
        models = [registry.model_of(session, n.pattern, n.model_version) for n in patterns]
        runs = [
            registry.run_row(session, i) for i in registry.runs_behind(session, run_id, batch_id)
        ]
    write_predictions(out / "predictions.csv", frame)
    write_faults(out / "faults.csv", frame)
    write_quarantine(out / "quarantine.csv", quarantined)
    write_flight(out / "rounds.csv", flight_table(plant.store, models, frame))
    score_distributions(out / "scores.png", frame, patterns)
    for name, rows in suspects.items():
        tiles = [_tile(plant, row) for row in rows]
        contact_sheet(out / f"worst-{name}.png", tiles, f"{name}: the {len(tiles)} worst images")
    summary = _summary(frame, patterns, quarantined, models[0], runs, versions, total_s)
    write_summary(out / "summary.json", summary)
    return summary


def _tile(plant: Plant, row: registry.Sample) -> Tile:
    heat = None if row.heat_key is None else decode_heat(plant.store.get(row.heat_key))
    image = decode(plant.store.get(image_key(row.sha256)))
    title = f"{row.decision.value}  {row.score:.3f}"
    name = row.path.rsplit("/", 1)[-1]
    return Tile(image, title, name, DECISION_COLOURS[row.decision.value], heat)


def _summary(
    frame: pd.DataFrame,
    patterns: list[PatternNight],
    quarantined: tuple[Quarantined, ...],
    model: registry.ModelRow,
    runs: list[registry.RunRow],
    versions: dict[str, str],
    total_s: float | None,
) -> dict[str, Any]:
    seconds: dict[str, float] = {}
    for run in runs:
        for stage, value in run.figures.get("seconds", {}).items():
            seconds[stage] = round(seconds.get(stage, 0.0) + value, 3)
    seconds["total"] = round(sum(seconds.values()) if total_s is None else total_s, 3)
    return {
        "images": len(frame),
        "quarantined": len(quarantined),
        "camera_faults": frame["fault"].value_counts().sort_index().to_dict(),
        "patterns": [_pattern(n) for n in patterns],
        "model_version": model.version,
        "backbone": asdict(model.backbone),
        "device": model.recipe["device"],
        "seconds": seconds,
        "expected": next((r.figures["expected"] for r in runs if r.figures.get("expected")), None),
        "peak_rss_mb": max((r.figures.get("peak_rss_mb", 0.0) for r in runs), default=0.0),
        "versions": versions,
    }


def _pattern(night: PatternNight) -> dict[str, Any]:
    return {
        "pattern": night.pattern,
        "images": night.images,
        "separable": night.separable,
        "defect_share": asdict(night.defect_share),
        "threshold": night.threshold,
        "review_threshold": night.review_threshold,
        "flagged": night.flagged,
        "quality": {
            "auc": night.quality.estimate,
            "low": night.quality.low,
            "high": night.quality.high,
        },
        "model_version": night.model_version,
    }
