"""`technopro score` on a plant whose models are learned."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
from drawn_night import draw_night

from technopro import registry
from technopro.commands.score import score
from technopro.errors import InputError, RegistryError
from technopro.plant import Plant


@pytest.fixture(autouse=True)
def home(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TECHNOPRO_HOME", str(plant.settings.home))
    monkeypatch.setattr("technopro.console.console.width", 200)


def run(images: str | None = None, batch: int | None = None, out: Path | None = None) -> None:
    score(images, batch, out, line=None, seed=3, device="cpu", threads=1)


def newest(plant: Plant) -> registry.NightRow:
    with registry.unit_of_work(plant.engine) as session:
        return registry.nights(session, 1)[0]


def test_new_images_are_judged_once_and_nothing_is_learned(
    plant: Plant, first: Path, night: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, known = tmp_path / "next", sorted((night / "images").glob("x*.png"))[:5]
    draw_night(source, images=8, defects=2, seed=6)
    for path in known:
        shutil.copy(path, source / "images" / path.name)
    with registry.unit_of_work(plant.engine) as session:
        before = registry.champions(session)
    run(str(source / "images"), out=tmp_path / "out")
    judged = newest(plant)
    assert judged.images == 16 + len(known)
    shown = capsys.readouterr().out
    assert judged.run_id in shown
    assert set(before) == {name for name in before if name in shown}
    with registry.unit_of_work(plant.engine) as session:
        assert registry.champions(session) == before
    written = pd.read_csv(tmp_path / "out/predictions.csv").set_index("image")["score"]
    learned = pd.read_csv(first / "predictions.csv").set_index("image")["score"]
    names = [path.name for path in known]
    assert written[names].tolist() == learned[names].tolist()
    run(str(source / "images"))
    assert newest(plant).run_id == judged.run_id
    assert f"nothing has changed since run {judged.run_id}" in capsys.readouterr().out
    run(batch=judged.batch_id)
    assert newest(plant).run_id == judged.run_id


def test_wrong_wishes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected either IMAGES"):
        run()
    with pytest.raises(InputError, match="expected either IMAGES"):
        run(str(tmp_path), batch=1)
    with pytest.raises(RegistryError, match="expected a batch 99"):
        run(batch=99)
    with pytest.raises(InputError, match="nowhere"):
        run(str(tmp_path / "nowhere"))
