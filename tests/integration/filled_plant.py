"""A small plant with one recorded night, filled through the product's own intake and registry."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from sqlalchemy.orm import Session

from technopro import registry
from technopro.explain.heat import encode_heat
from technopro.intake import take_in
from technopro.plant import Plant, open_plant
from technopro.results import Backbone, Decision, Estimate, ImageRecord, PatternNight, Prediction
from technopro.settings import Settings
from technopro.store import open_store

PATTERNS = ("cloth-1", "grain-1", "<b>radial</b>")
IMAGES_A_PATTERN = 8
IMAGES = IMAGES_A_PATTERN * len(PATTERNS)
THRESHOLD, REVIEW = 0.8, 0.6


def draw_images(folder: Path) -> None:
    """Write noise of three kinds, and one file that is no image."""
    folder.mkdir()
    random = np.random.default_rng(0)
    for number in range(IMAGES):
        pixels = random.integers(60, 120 + 40 * (number % len(PATTERNS)), (160, 160), np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:03}.png")
    (folder / "broken.png").write_bytes(b"no image")


def fill(home: Path, source: Path) -> str:
    """Draw, take in and record a night in the plant at `home`; return its run id."""
    draw_images(source)
    plant = open_plant(Settings(home=home, database_url=None, object_store=None))
    batch = take_in(open_store(str(source)), plant.store)
    with registry.unit_of_work(plant.engine) as session:
        ingest = registry.start_run(session, "ingest", {}, seed=0, device="cpu")
        batch_id, _ = registry.record_batch(session, ingest, batch)
        registry.finish_run(session, ingest, "completed")
        models = {name: _model(session, ingest, batch_id, name) for name in PATTERNS}
        run_id = registry.start_run(session, "score", {}, seed=0, device="cpu")
        predictions = _predictions(batch.images)
        nights = [_night(name, predictions) for name in PATTERNS]
        keys = _heat_maps(plant, run_id, predictions)
        registry.record_night(session, run_id, batch_id, predictions, nights, models, keys)
        registry.finish_run(session, run_id, "completed")
        session.commit()
    return run_id


def _model(session: Session, run_id: str, batch_id: int, pattern: str) -> int:
    registry.record_pattern(session, pattern, batch_id=batch_id, centroid=[0.0])
    model_id = registry.record_model(
        session, run_id, "v1", pattern, weights_key="models/x", weights_sha256="0" * 64, recipe={},
        metrics={}, backbone=Backbone("none", "none", "0" * 64),
    )  # fmt: skip
    registry.promote(session, model_id, actor="test", reason="first")
    return model_id


def _predictions(images: Sequence[ImageRecord]) -> list[Prediction]:
    """Scores fall from 1 with the number of the image; two of a pattern are defects."""
    made = []
    for number, image in enumerate(sorted(images, key=lambda image: image.path)):
        score = 1.0 - number / IMAGES
        decision = Decision.DEFECT if score >= THRESHOLD else Decision.OK
        decision = Decision.REVIEW if THRESHOLD > score >= REVIEW else decision
        name = PATTERNS[number % len(PATTERNS)]
        made.append(Prediction(image.sha256, name, score, decision, "v1"))
    return made


def _night(pattern: str, predictions: Sequence[Prediction]) -> PatternNight:
    own = [p for p in predictions if p.pattern == pattern]
    return PatternNight(
        pattern=pattern, images=len(own), separable=pattern != "grain-1",
        defect_share=Estimate(0.25, 0.1, 0.45), threshold=THRESHOLD, review_threshold=REVIEW,
        flagged=sum(p.decision is Decision.DEFECT for p in own),
        quality=Estimate(0.97, 0.9, 1.0), model_version="v1",
    )  # fmt: skip


def _heat_maps(plant: Plant, run_id: str, predictions: Sequence[Prediction]) -> dict[str, str]:
    keys = {p.sha256: f"heat/{run_id}/{p.sha256}.png" for p in predictions if p.score >= REVIEW}
    for key in keys.values():
        plant.store.put(key, encode_heat(np.eye(7)))
    return keys
