"""Nights after the first: what has not changed keeps its model, what is wrong is refused."""

from __future__ import annotations

import shutil
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from drawn_night import OPTIONS, draw_night

from technopro import pipeline, registry
from technopro.drift.figure import Level
from technopro.due import Reason
from technopro.fold import FOLDS
from technopro.learner import learn
from technopro.learner.fitted import restore_swins
from technopro.learner.opinions import blended
from technopro.plant import Plant
from technopro.pseudolabel.rounds import RoundsOutcome
from technopro.pseudolabel.student import Lesson
from technopro.registry.tables import ModelVersion
from technopro.seeding.combine import Combination
from technopro.stored import load_model
from technopro.synth import write_factory


def live(plant: Plant, source: Path) -> tuple[int, str, str]:
    """Go through one night on the plant's own device; returns batch, retrain and scoring run."""
    own = replace(plant, settings=plant.settings.model_copy(update={"device": "cpu"}))
    options = replace(OPTIONS, device="auto")
    batch = pipeline.ingest(own, str(source / "images"))
    trained = pipeline.retrain(own, batch, options, which="changed")
    return batch, trained, pipeline.score(own, batch, options)


def champions(plant: Plant) -> dict[str, str]:
    with registry.unit_of_work(plant.engine) as session:
        return {name: row.version for name, row in registry.champions(session).items()}


def scores(plant: Plant, run: str) -> pd.DataFrame:
    with registry.unit_of_work(plant.engine) as session:
        return registry.scores(session, run)


def test_only_the_new_pattern_is_learned_and_the_others_score_as_before(
    plant: Plant, tmp_path: Path
) -> None:
    before = champions(plant)
    first = scores(plant, pipeline.score(plant, 1, OPTIONS))
    first = first[first["path"] != "twin.png"]
    draw_night(tmp_path / "again", images=40, defects=6, seed=5)
    write_factory(tmp_path / "new", patterns=1, images_per_pattern=30, defects_per_pattern=4,
                  size=128, seed=8, families=("woven",), workers=1)  # fmt: skip
    for picture in sorted((tmp_path / "new/images").glob("*.png")):
        shutil.copy(picture, tmp_path / "again/images" / f"new-{picture.name}")
    _, trained, run = live(plant, tmp_path / "again")
    now = champions(plant)
    with registry.unit_of_work(plant.engine) as session:
        made = set(registry.models_of_run(session, trained))
        known = registry.patterns(session)
        figures = registry.drift_figures(session, [trained])
        alerts = registry.open_alerts(session)
        devices = {registry.run_row(session, one).device for one in (trained, run)}
    assert devices == {"cpu"}
    assert made == now.keys() - before.keys()
    assert len(made) == 1
    assert {name: now[name] for name in before} == before
    assert {known[name].status for name in before} == {"active"}
    assert {known[name].status for name in made} == {"new"}
    assert figures
    assert [(alert.topic.split(":")[0], alert.pattern) for alert in alerts] == [
        ("new pattern", next(iter(made)))
    ]
    frame = scores(plant, run)
    new = frame["path"].str.startswith("new-")
    assert set(frame.loc[new, "pattern"]) == made
    again = frame[~new].set_index("path").loc[first["path"]]
    assert again["score"].tolist() == first["score"].tolist()
    assert again["model_version"].tolist() == first["model_version"].tolist()


def test_swins_taught_shuffled_labels_get_no_say_and_a_challenger_of_them_is_refused(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds, made = learn.run_rounds, []

    def on_shuffled(lesson: Lesson, seed_score: np.ndarray, *rest: Any) -> RoundsOutcome:  # noqa: ANN401
        made.append(rounds(lesson, np.random.default_rng(0).permutation(seed_score), *rest))
        return made[-1]

    def swin_alone(own: dict[str, Any], _drawn: object, told: np.ndarray) -> Combination:
        assert "swin" not in own
        own["swin"] = made[-1].logits
        return replace(blended(own, told), weights={"swin": 1.0})

    monkeypatch.setattr(learn, "run_rounds", on_shuffled)
    monkeypatch.setattr(learn, "better_blend", swin_alone)
    before = champions(plant)
    trained = pipeline.retrain(plant, 1, OPTIONS)
    assert champions(plant) == before
    with registry.unit_of_work(plant.engine) as session:
        models = registry.models_of_run(session, trained)
        assert len(models) == len(made) == 2
        for pattern in models:
            entry = registry.audit_rows(session, pattern)[0]
            assert entry.action == "refuse"
            against = [one["name"] for one in entry.details["checks"] if not one["passed"]]
            assert "labels" in against
            assert "by luck" in entry.details["reason"]


def test_of_a_pattern_that_drifted_the_swins_go_on(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    with registry.unit_of_work(plant.engine) as session:
        name, champion = min(registry.champions(session).items())
        row = session.get_one(ModelVersion, champion.id)
        blend = row.recipe["blend"]  # of so few images the Swins have no say
        heard = blend | {"weights": blend["weights"] | {"swin": 0.1}}
        row.recipe = row.recipe | {"blend": heard}
        session.commit()
    before = restore_swins(load_model(plant.store, champion))
    monkeypatch.setattr(
        "technopro.due.if_changed",
        lambda *given: Reason.DRIFTED if given[-2].name == name else None,
    )
    rounds = learn.run_rounds
    begun: list[dict[str, torch.Tensor]] = []

    def noted(*given: Any) -> RoundsOutcome:  # noqa: ANN401
        begun.extend(deepcopy(given[4](fold).state_dict()) for fold in range(FOLDS))
        return rounds(*given)

    monkeypatch.setattr(learn, "run_rounds", noted)
    trained = pipeline.retrain(plant, 1, OPTIONS, which="changed")
    with registry.unit_of_work(plant.engine) as session:
        model = registry.models_of_run(session, trained)[name]
    assert model.recipe["reason"] == "drifted"
    assert model.recipe["goes_on_from"] == champion.version
    assert len(model.recipe["rounds"]) == 1
    for own, first in zip(before.networks, begun, strict=True):
        for key, values in own.state_dict().items():
            assert torch.equal(values, first[key])


def test_merged_patterns_are_learned_together_and_judged_by_one(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The two look so little alike that the gate refuses to judge them by one; here it may not."""
    monkeypatch.setattr("technopro.promotion.passed", lambda _checks: True)
    with registry.unit_of_work(plant.engine) as session:
        night = registry.night(session, pipeline.score(plant, 1, OPTIONS))
        into, name = (one.pattern for one in night)
        registry.merge(session, name, into, actor="qa", reason="the same part")
        session.commit()
    trained = pipeline.retrain(plant, 1, OPTIONS, which="changed")
    run = pipeline.score(plant, 1, OPTIONS)
    with registry.unit_of_work(plant.engine) as session:
        made = registry.models_of_run(session, trained)
        assert name not in registry.champions(session)
    assert set(made) == {into}
    judged = scores(plant, run)
    assert set(judged["pattern"]) == {into}
    assert judged["fault"].isna().all()  # neither is foreign to the other
    with registry.unit_of_work(plant.engine) as session:
        figures = registry.drift_figures(session, [run])
    assert not [f.words for f in figures if f.level is Level.DRIFTED]
