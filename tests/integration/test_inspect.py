"""The contract of `inspect`, on a small drawn night, from files to files."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn_night import OPTIONS, draw_night, rows
from PIL import Image, ImageDraw, ImageFilter

from technopro import pipeline, registry
from technopro.bench import open_bench
from technopro.errors import InputError, WeightsError
from technopro.evaluation import evaluate, read_truth
from technopro.learner.fitted import restore
from technopro.learner.prepare import Images
from technopro.learner.seen import restore_seen
from technopro.plant import Plant, quiet
from technopro.score import score_batch
from technopro.stored import load_model


def test_one_row_per_readable_image(first: Path) -> None:
    found = rows(first / "predictions.csv")
    assert list(found[0]) == ["image", "sha256", "pattern", "score", "decision", "model_version"]
    assert len(found) == 81
    assert [r["image"] for r in found] == sorted(r["image"] for r in found)
    assert all(0 <= float(r["score"]) <= 1 for r in found)
    assert {r["decision"] for r in found} <= {"ok", "review", "defect"}


def test_bad_files_are_in_quarantine_with_a_reason(first: Path) -> None:
    found = {r["image"]: r["reason"] for r in rows(first / "quarantine.csv")}
    assert set(found) == {"empty.png", "notes.txt"}
    assert "empty" in found["empty.png"]


def test_the_summary_keeps_the_contract(first: Path) -> None:
    summary = json.loads((first / "summary.json").read_text())
    assert (summary["images"], summary["quarantined"]) == (81, 2)
    assert len(summary["patterns"]) == 2
    for pattern in summary["patterns"]:
        share, quality = pattern["defect_share"], pattern["quality"]
        assert 0 <= share["low"] <= share["estimate"] <= share["high"] <= 1
        assert 0 <= quality["low"] <= quality["auc"] <= quality["high"] <= 1
        assert isinstance(pattern["separable"], bool)
    assert set(summary["backbone"]) == {"name", "source", "sha256"}
    assert {"total", "intake", "features", "seeds", "rounds"} <= set(summary["seconds"])
    assert summary["peak_rss_mb"] > 100


def test_defects_are_found_without_a_label(first: Path, night: Path) -> None:
    predictions = pd.read_csv(first / "predictions.csv")
    own = predictions[~predictions["image"].str.contains("twin")]
    evaluation = evaluate(own, read_truth(night / "truth.csv"), bootstrap=10)
    assert evaluation.pattern_agreement == 1.0
    assert min(r.auc.estimate for r in evaluation.rows[:-1]) > 0.8


def test_the_same_seed_gives_the_same_bytes_but_for_the_version(
    first: Path, night: Path, plant: Plant, tmp_path: Path
) -> None:
    pipeline.inspect(plant, str(night / "images"), tmp_path, OPTIONS)

    def without_version(path: Path) -> list[tuple[str, ...]]:
        return [tuple(v for k, v in r.items() if k != "model_version") for r in rows(path)]

    again = without_version(tmp_path / "predictions.csv")
    assert again == without_version(first / "predictions.csv")


def test_a_second_scoring_with_the_stored_models_gives_the_same_scores(
    first: Path, plant: Plant
) -> None:
    with registry.unit_of_work(plant.engine) as session:
        done = registry.nights(session)[0]
        before = registry.scores(session, done.run_id)
    run_id = pipeline.score(plant, done.batch_id, OPTIONS)
    with registry.unit_of_work(plant.engine) as session:
        after = registry.scores(session, run_id)
    assert np.array_equal(before["score"], after["score"])


def test_a_model_scores_its_own_images_anew_as_it_did_in_training(
    first: Path, plant: Plant
) -> None:
    """What a model keeps of its own images is what it would say of them again."""
    with registry.unit_of_work(plant.engine) as session:
        champions, batch = registry.champions(session), registry.latest_batch(session)
    assert batch is not None
    bench = open_bench(plant, batch, OPTIONS, quiet)
    for row in champions.values():
        model = load_model(plant.store, row)
        seen = restore_seen(model.tensors)
        fitted = restore(model, bench.machine.device)
        images = Images(list(seen), bench.load, fitted.shape)  # without what was kept
        (raw,) = images.looked_at(bench.extractor, [range(len(seen))])
        views = fitted.lens.views(raw, images.folds(range(len(seen))))
        fresh = fitted.evidence(views, bench.machine)
        np.testing.assert_allclose(fresh, list(seen.values()), atol=0.02)
        assert len(seen) == 40


def test_new_images_are_scored_by_the_champions_beside_known_ones(
    first: Path, night: Path, plant: Plant, tmp_path: Path
) -> None:
    known = sorted((night / "images").glob("x*.png"))[:5]
    draw_night(tmp_path / "next", images=8, defects=2, seed=6)
    for path in known:
        shutil.copy(path, tmp_path / "next" / "images" / path.name)
    batch = pipeline.ingest(plant, str(tmp_path / "next" / "images"))
    runs = [pipeline.score(plant, batch, OPTIONS) for _ in range(2)]
    with registry.unit_of_work(plant.engine) as session:
        one, two = (registry.scores(session, run)["score"].to_numpy() for run in runs)
    assert len(one) == 16 + len(known)
    assert np.isfinite(one).all()
    assert np.array_equal(one, two)


def scratched(night: Path, folder: Path, chosen: Sequence[str]) -> Path:
    """Write some of a night's pictures anew, each with a black line across."""
    folder.mkdir()
    for name in chosen:
        picture = Image.open(night / "images" / f"{name}.png").convert("L")
        ImageDraw.Draw(picture).line((10, 20, 110, 90), fill=0, width=3)
        picture.save(folder / f"{name}.png")
    return folder


def test_a_night_of_bad_parts_is_not_called_mostly_sound(
    night: Path, plant: Plant, tmp_path: Path
) -> None:
    names = pd.read_csv(night / "truth.csv")["id"][:40]
    batch = pipeline.ingest(plant, str(scratched(night, tmp_path / "bad", names)))
    run = pipeline.score(plant, batch, OPTIONS)
    with registry.unit_of_work(plant.engine) as session:
        patterns = registry.night(session, run)
        alerts = {alert.topic for alert in registry.open_alerts(session)}
    assert len(patterns) == 2
    assert alerts >= {f"mostly defective: {pattern.pattern}" for pattern in patterns}
    for pattern in patterns:
        assert 2 * pattern.flagged > pattern.images
        assert pattern.defect_share.estimate > 0.5
        assert pattern.defect_share.high == 1.0


def test_damaged_weights_are_refused(first: Path, plant: Plant) -> None:
    with registry.unit_of_work(plant.engine) as session:
        row = next(iter(registry.champions(session).values()))
    data = plant.store.get(row.weights_key)
    plant.store.replace(row.weights_key, data[:-100])
    try:
        with pytest.raises(WeightsError, match="damaged"):
            load_model(plant.store, row)
    finally:
        plant.store.replace(row.weights_key, data)


def test_a_handful_of_images_is_a_clear_error(night: Path, plant: Plant, tmp_path: Path) -> None:
    few = tmp_path / "few"
    few.mkdir()
    for path in sorted((night / "images").glob("x*.png"))[:5]:
        shutil.copy(path, few)
    with pytest.raises(InputError, match="at least 16 different sound pictures"):
        pipeline.inspect(plant, str(few), tmp_path / "out", OPTIONS)


def test_a_folder_without_any_image_is_a_clear_error(plant: Plant, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(InputError, match="no readable image"):
        pipeline.inspect(plant, str(tmp_path), tmp_path / "out", OPTIONS)


def test_camera_faults_are_told_from_defects(
    first: Path, night: Path, plant: Plant, tmp_path: Path
) -> None:
    """A dark, a blurred and a foreign picture, and one stored twice, beside known parts."""
    images = tmp_path / "odd"
    images.mkdir()
    known = sorted((night / "images").glob("x*.png"))
    for path in known[:30]:
        shutil.copy(path, images / path.name)
    picture = Image.open(known[0])
    picture.point(lambda level: level // 7).save(images / "dark.png")
    picture.filter(ImageFilter.GaussianBlur(6)).save(images / "blurred.png")
    picture.save(images / "again.jpg", quality=90)
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 255, (128, 128, 3)).astype(np.uint8)).save(images / "else.png")
    batch = pipeline.ingest(plant, str(images))
    run = pipeline.score(plant, batch, OPTIONS)
    summary = pipeline.write_night(plant, run, tmp_path / "out")
    faults = {row["image"]: row for row in rows(tmp_path / "out" / "faults.csv")}
    (copy,) = {"again.jpg", known[0].name} & set(faults)
    assert {name: row["fault"] for name, row in faults.items()} == {
        "dark.png": "dark",
        "blurred.png": "blurred",
        "else.png": "foreign",
        copy: "duplicate",
    }
    assert {copy, faults[copy]["like"]} == {"again.jpg", known[0].name}
    assert summary["camera_faults"] == {"blurred": 1, "dark": 1, "duplicate": 1, "foreign": 1}
    decided = {row["image"]: row for row in rows(tmp_path / "out" / "predictions.csv")}
    assert len(decided) == 34
    assert {decided[n]["decision"] for n in ("dark.png", "blurred.png", "else.png")} == {"review"}


def test_the_flight_recorder_is_written_beside_the_predictions(first: Path) -> None:
    flight = pd.read_csv(first / "rounds.csv")
    assert set(flight["image"]) <= {r["image"] for r in rows(first / "predictions.csv")}
    assert flight.groupby("image")["round"].max().min() >= 1
    assert set(flight["label"].dropna()) <= {0.0, 1.0}
    assert flight["instability"].between(0, 0.5).all()


def test_the_plan_is_told_before_the_run_and_kept_with_it(first: Path) -> None:
    summary = json.loads((first / "summary.json").read_text())
    assert summary["expected"]["seconds"] > 0
    assert summary["expected"]["memory_mb"] > 0


def test_a_lone_foreign_picture_is_reviewed_and_the_night_goes_on(
    first: Path, plant: Plant, tmp_path: Path
) -> None:
    (tmp_path / "images").mkdir()
    rng = np.random.default_rng(1)
    noise = rng.integers(0, 255, (128, 128, 3)).astype(np.uint8)
    Image.fromarray(noise).save(tmp_path / "images" / "else.png")
    batch = pipeline.ingest(plant, str(tmp_path / "images"))
    pipeline.write_night(plant, pipeline.score(plant, batch, OPTIONS), tmp_path / "out")
    (row,) = rows(tmp_path / "out" / "predictions.csv")
    assert row["decision"] == "review"
    assert (tmp_path / "out" / "rounds.csv").is_file()


def test_a_champion_of_a_backbone_that_is_not_to_be_had_is_refused(
    first: Path, plant: Plant
) -> None:
    with registry.unit_of_work(plant.engine) as session:
        champions, batch = registry.champions(session), registry.latest_batch(session)
    assert batch is not None
    bench = open_bench(plant, batch, OPTIONS, quiet)
    lost = {
        name: replace(row, backbone=replace(row.backbone, sha256="0" * 64))
        for name, row in champions.items()
    }
    with pytest.raises(WeightsError, match="was learned with"):
        score_batch(bench, lost, {}, quiet)
