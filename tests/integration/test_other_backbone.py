"""Another backbone from one night to the next: names last, champions judge on."""

from __future__ import annotations

import pytest
from drawn_night import OPTIONS

from technopro import pipeline, registry
from technopro.features.weights import PACKAGED
from technopro.plant import Plant, open_plant
from technopro.registry.centres import lost_centres
from technopro.settings import Settings


@pytest.fixture(scope="module")
def switched(plant: Plant) -> Plant:
    """The plant of the first night, with the other packaged backbone."""
    (other,) = PACKAGED.keys() - {plant.settings.backbone}
    return open_plant(Settings(home=plant.settings.home, backbone=other, _env_file=None))


def test_old_champions_judge_as_before_where_nothing_is_learned(switched: Plant) -> None:
    with registry.unit_of_work(switched.engine) as session:
        before = registry.scores(session, registry.nights(session, 1)[0].run_id)
    run = pipeline.score(switched, 1, OPTIONS)
    with registry.unit_of_work(switched.engine) as session:
        after = registry.scores(session, run)
        champions = registry.champions(session)
        known = registry.patterns(session)
        lost = {sha: lost_centres(session, sha, 1) for sha in {r.backbone for r in known.values()}}
    same = ["path", "pattern", "score", "decision", "model_version"]
    assert after[same].to_dict("records") == before[same].to_dict("records")
    assert {row.backbone.name for row in champions.values()} != {switched.settings.backbone}
    assert {known[name].backbone for name in champions}.isdisjoint(
        row.backbone.sha256 for row in champions.values()
    )
    assert lost == {sha: {} for sha in lost}


def test_the_next_retrain_learns_the_same_patterns_again(switched: Plant) -> None:
    with registry.unit_of_work(switched.engine) as session:
        names = set(registry.patterns(session))
    run = pipeline.retrain(switched, 1, OPTIONS, which="changed")
    with registry.unit_of_work(switched.engine) as session:
        made = registry.models_of_run(session, run)
        assert set(registry.patterns(session)) == set(made) == names
        learned_with = {row.backbone.name for row in made.values()}
    assert learned_with == {switched.settings.backbone}  # whether they judge, the gate says
