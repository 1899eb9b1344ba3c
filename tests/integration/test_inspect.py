"""The contract of `inspect`, on a small drawn night, from files to files."""

import csv
import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import safetensors.numpy
from PIL import Image, ImageFilter

from technopro import pipeline, registry
from technopro.errors import InputError, WeightsError
from technopro.evaluation import evaluate, read_truth
from technopro.features.views import look
from technopro.learner.fitted import restore
from technopro.learner.prepare import Images
from technopro.learner.seen import restore_seen
from technopro.plant import Options, Plant, open_plant, quiet
from technopro.promotion import promote_trained
from technopro.replay import Replayer
from technopro.retrain import Trained, open_bench
from technopro.score import score_batch
from technopro.settings import Settings
from technopro.stored import load_model
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


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("night")
    draw_night(folder, images=40, defects=6, seed=5)
    images = folder / "images"
    shutil.copy(next(images.glob("*.png")), images / "twin.png")
    (images / "empty.png").write_bytes(b"")
    (images / "notes.txt").write_text("not an image")
    return folder


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Plant:
    return open_plant(Settings(home=tmp_path_factory.mktemp("home"), _env_file=None))


@pytest.fixture(scope="module")
def first(night: Path, plant: Plant, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("first")
    pipeline.inspect(plant, str(night / "images"), out, OPTIONS)
    return out


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


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
        images = Images(list(seen), bench.load, fitted.shape)
        views = fitted.lens.views(
            look(bench.extractor, images.stack(range(len(seen)))), images.folds(range(len(seen)))
        )
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


def test_a_champion_of_another_backbone_is_refused(first: Path, plant: Plant) -> None:
    with registry.unit_of_work(plant.engine) as session:
        champions, batch = registry.champions(session), registry.latest_batch(session)
    assert batch is not None
    bench = open_bench(plant, batch, OPTIONS, quiet)
    other = replace(bench.extractor.backbone, sha256="0" * 64)
    with pytest.raises(WeightsError, match="was learned with"):
        score_batch(
            replace(bench, extractor=replace(bench.extractor, backbone=other)), champions, {}, quiet
        )


def test_recorded_scores_are_computed_again_from_what_is_stored(first: Path, plant: Plant) -> None:
    replayer, differences = Replayer(plant), {}
    for row in rows(first / "predictions.csv")[::9]:
        with registry.unit_of_work(plant.engine) as session:
            oldest = registry.judgements(session, row["sha256"])[-1]
        assert f"{oldest.score:.6f}" == f"{float(row['score']):.6f}"
        differences[row["image"]] = replayer.replay(oldest).difference
    assert max(differences.values()) <= 1e-6, differences


def test_a_threshold_set_by_a_person_decides_the_next_night(
    first: Path, night: Path, plant: Plant
) -> None:
    pattern = max(rows(first / "predictions.csv"), key=lambda r: float(r["score"]))["pattern"]
    with registry.unit_of_work(plant.engine) as session:
        registry.set_thresholds(
            session, pattern, defect=1.0, review=0.0, actor="qa", reason="look at everything"
        )
        session.commit()
    batch = pipeline.ingest(plant, str(night / "images"))
    run = pipeline.score(plant, batch, OPTIONS)
    with registry.unit_of_work(plant.engine) as session:
        scores = registry.scores(session, run)
        (rate,) = (n for n in registry.night(session, run) if n.pattern == pattern)
    own = scores[scores["pattern"] == pattern]
    assert set(own["decision"]) == {"review"}
    assert (rate.threshold, rate.review_threshold) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("spoil", "failed"),
    [
        (lambda data: data[: len(data) // 2], ["weights"]),
        (lambda data: _with(data, lambda k, v: v if k.startswith("seen.") else 0 * v), ["parity"]),
        (lambda data: _with(data, lambda k, v: _shuffled(k, v)), ["parity"]),
        (lambda data: data, []),
    ],
    ids=["truncated", "empty", "shuffled", "sound"],
)
def test_the_gate_refuses_bad_challengers_and_says_why(
    first: Path,
    plant: Plant,
    request: pytest.FixtureRequest,
    spoil: Callable[[bytes], bytes],
    failed: list[str],
) -> None:
    version = request.node.callspec.id
    with registry.unit_of_work(plant.engine) as session:
        champion, batch = next(iter(registry.champions(session).values())), 1
        data = spoil(plant.store.get(champion.weights_key))
        plant.store.put(f"models/{version}", data)
        model_id = registry.record_model(
            session,
            registry.start_run(session, "retrain", {}, seed=0, device="cpu"),
            version,
            champion.pattern,
            weights_key=f"models/{version}",
            weights_sha256=hashlib.sha256(data).hexdigest(),
            recipe=champion.recipe,
            metrics={},
            backbone=champion.backbone,
        )
        learned = registry.snapshot_images(session, champion.snapshot_id or "")
        session.commit()
    bench = open_bench(plant, batch, OPTIONS, quiet)
    trained = Trained(champion.pattern, model_id, learned, {})
    promote_trained(bench, [trained], {}, "test", quiet)
    with registry.unit_of_work(plant.engine) as session:
        now = registry.champions(session)[champion.pattern]
        entry = registry.audit_rows(session, champion.pattern)[0]
    assert (now.id == model_id) == (failed == [])
    assert entry.details["version"] == version
    assert entry.details.get("failed", []) == failed
    assert entry.details["reason"]


def _with(data: bytes, change: Callable[[str, np.ndarray], np.ndarray]) -> bytes:
    return safetensors.numpy.save(
        {k: change(k, v) for k, v in safetensors.numpy.load(data).items()}
    )


def _shuffled(key: str, value: np.ndarray) -> np.ndarray:
    """The scores that a model kept, dealt out anew."""
    return np.random.default_rng(0).permutation(value) if key == "seen.evidence" else value


def test_a_champion_made_worse_gives_way_within_the_night(
    first: Path, night: Path, plant: Plant
) -> None:
    """It flags nearly everything; the champion before sees nothing unusual."""
    with registry.unit_of_work(plant.engine) as session:
        champion = next(iter(registry.champions(session).values()))
        calibration = dict(champion.recipe["calibration"])
        calibration["evidence"] = [value - 30.0 for value in calibration["evidence"]]
        data = _with(plant.store.get(champion.weights_key), _as_if_calm)
        plant.store.put("models/worse", data)
        worse = registry.record_model(
            session,
            registry.start_run(session, "retrain", {}, seed=0, device="cpu"),
            "worse",
            champion.pattern,
            weights_key="models/worse",
            weights_sha256=hashlib.sha256(data).hexdigest(),
            recipe={**champion.recipe, "calibration": calibration},
            metrics={},
            backbone=champion.backbone,
        )
        registry.promote(session, worse, actor="test", reason="on purpose")
        registry.set_thresholds(
            session, champion.pattern, defect=0.5, review=0.05, actor="test", reason="usual"
        )
        session.commit()
    batch = pipeline.ingest(plant, str(night / "images"))
    run = pipeline.score(plant, batch, OPTIONS)
    with registry.unit_of_work(plant.engine) as session:
        now = registry.champions(session)[champion.pattern]
        reign = registry.deployments(session, champion.pattern)[0]
        versions = {n.pattern: n.model_version for n in registry.night(session, run)}
    assert now.id == champion.id
    assert reign.actor == f"run {run}"
    assert "worse flagged" in reign.reason
    assert versions[champion.pattern] == champion.version


def _as_if_calm(key: str, value: np.ndarray) -> np.ndarray:
    """Kept scores of images unlike tonight's, all of them fine."""
    if key == "seen.evidence":
        return np.full_like(value, -100.0)
    return ~value if key == "seen.sha256" else value
