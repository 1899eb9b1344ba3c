"""A small plant, and accidents that happen to it; for tests of its upkeep."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import numpy as np
from PIL import Image
from registry_cases import BACKBONE
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from technopro import registry, results
from technopro.intake import take_in
from technopro.plant import Plant
from technopro.registry.tables import ModelVersion, Run, Verdict
from technopro.running import open_run
from technopro.store import MemoryStore

LONG_AGO = timedelta(days=400)
PICTURES = 6


def pictures(seed: int = 0, count: int = PICTURES) -> MemoryStore:
    """A source of small noise images, its own for each seed."""
    random, files = np.random.default_rng(seed), {}
    for number in range(count):
        buffer = io.BytesIO()
        Image.fromarray(random.integers(0, 255, (48, 48), np.uint8)).save(buffer, "PNG")
        files[f"{number:03}.png"] = buffer.getvalue()
    return MemoryStore(files, url=f"memory://source-{seed}")


def take(plant: Plant, seed: int = 0, record: bool = True) -> tuple[int, results.Batch]:
    """Take pictures in as an ingest does; without `record` it ends before the rows."""
    with open_run(plant, "ingest", {}) as run:
        batch = take_in(pictures(seed), plant.store)
        if not record:
            return 0, batch
        with registry.unit_of_work(plant.engine) as session:
            batch_id, _ = registry.record_batch(session, run.id, batch)
            session.commit()
    return batch_id, batch


def add_model(plant: Plant, batch_id: int, version: str, promoted: bool = True) -> int:
    """Store weights and record the model, as champion or refused."""
    key = f"models/{version}/p-1.safetensors"
    with open_run(plant, "retrain", {}) as run, registry.unit_of_work(plant.engine) as session:
        plant.store.put(key, version.encode())
        registry.record_pattern(session, "p-1", batch_id=batch_id, centroid=[1.0])
        model = registry.record_model(
            session, run.id, version, "p-1", weights_key=key, weights_sha256="d" * 64, recipe={},
            metrics={}, backbone=BACKBONE,
        )  # fmt: skip
        if promoted:
            registry.promote(session, model, actor="test", reason="newest")
        else:
            registry.refuse(session, model, actor="test", reason="worse", checks=[])
        session.commit()
    return model


def judge(plant: Plant, batch_id: int, batch: results.Batch, model_id: int, version: str) -> str:
    """Score a batch, with a heat map for every image; returns the run's id."""
    rate = results.PatternNight(
        "p-1", PICTURES, True, results.Estimate(0.1, 0.05, 0.2), 0.5, 0.05, 1,
        results.Estimate(0.9, 0.8, 1.0), version,
    )  # fmt: skip
    said = [
        results.Prediction(image.sha256, "p-1", 0.9, results.Decision.DEFECT, version)
        for image in batch.images
    ]
    with open_run(plant, "score", {}, seed=0) as run:
        heat = {p.sha256: f"heat/{run.id}/{p.sha256}.png" for p in said}
        for key in heat.values():
            plant.store.put(key, b"heat")
        with registry.unit_of_work(plant.engine) as session:
            registry.record_night(session, run.id, batch_id, said, [rate], {"p-1": model_id}, heat)
            session.commit()
    return run.id


def say(plant: Plant, run_id: str, sha256: str) -> None:
    """Record that a person looked at an image of a night."""
    with registry.unit_of_work(plant.engine) as session:
        session.add(Verdict(run_id=run_id, sha256=sha256, actor="qa", label="ok", lane="review"))
        session.commit()


def make_old(plant: Plant, by: timedelta = LONG_AGO) -> None:
    """Let all that was recorded so far have happened so much earlier."""
    with registry.unit_of_work(plant.engine) as session:
        for run in session.scalars(select(Run)):
            run.started_at -= by
            run.finished_at = run.finished_at and run.finished_at - by
            run.alive_at = run.alive_at and run.alive_at - by
        earlier = datetime.now(UTC) - by
        session.execute(update(ModelVersion).values(created_at=earlier))
        session.commit()


def keys(plant: Plant, prefix: str = "") -> set[str]:
    """All keys of the plant's store."""
    return {one.key for one in plant.store.list(prefix)}


def audit_log(session: Session, subject: str) -> list[str]:
    """The actions that the audit log knows of a subject, newest first."""
    return [row.action for row in registry.audit_rows(session, subject)]
