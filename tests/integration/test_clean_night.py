"""A night without a defect: nothing is proven, the Swin has no say, hardly a part is flagged."""

from __future__ import annotations

from pathlib import Path

from drawn_night import OPTIONS

from technopro import pipeline, registry
from technopro.plant import open_plant
from technopro.settings import Settings
from technopro.synth import write_factory


def test_where_nothing_is_proven_the_swin_has_no_say(tmp_path: Path) -> None:
    write_factory(
        tmp_path / "drawn", patterns=1, images_per_pattern=40, defects_per_pattern=0, size=96,
        seed=3, families=("striped",), workers=1,
    )  # fmt: skip
    plant = open_plant(Settings(home=tmp_path / "home", _env_file=None))
    batch = pipeline.ingest(plant, str(tmp_path / "drawn/images"))
    pipeline.retrain(plant, batch, OPTIONS)
    run = pipeline.score(plant, batch, OPTIONS)
    with registry.unit_of_work(plant.engine) as session:
        (model,) = registry.champions(session).values()
        (night,) = registry.night(session, run)
    assert model.recipe["rounds"]
    assert "swin" not in model.recipe["blend"]["weights"]
    assert night.defect_share.low == 0
    assert night.flagged <= 3
