"""What the plant can prove of its past, and how champions change."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from drawn_night import OPTIONS, rows

from technopro import pipeline, registry
from technopro.bench import open_bench
from technopro.plant import Plant, quiet
from technopro.promotion import promote_trained
from technopro.replay import Replayer
from technopro.retrain import Trained


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
        (
            lambda data: _with(data, lambda k, v: v if k.startswith("seen.") else 0 * v),
            ["parity"],
        ),
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
    trained = Trained(champion.pattern, model_id, {champion.pattern: learned}, {})
    promote_trained(bench, [trained], {}, "test", quiet)
    with registry.unit_of_work(plant.engine) as session:
        now = registry.champions(session)[champion.pattern]
        entry = registry.audit_rows(session, champion.pattern)[0]
    assert (now.id == model_id) == (failed == [])
    assert entry.details["version"] == version
    against = [one["name"] for one in entry.details["checks"] if not one["passed"]]
    assert [name for name in against if name != "labels"] == failed  # asked where Swins have a say
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
        calibration["log_odds"] = np.linspace(-9, 9, len(calibration["log_odds"])).tolist()
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
