"""A batch looked at and scored in shards: the same to the last bit, whoever does them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
import pytest
from drawn_night import OPTIONS, draw_night

from technopro import pipeline, registry, shards
from technopro.checkpoints import FOLDER
from technopro.errors import InputError
from technopro.learner.prepare import CHUNK
from technopro.plant import Plant, Tick, open_plant
from technopro.settings import Settings
from technopro.shards import Shard, Spread, do_shard


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Plant, int, pd.DataFrame]:
    """A plant with models of two patterns, a larger batch, and its scores in one piece."""
    folder = tmp_path_factory.mktemp("night")
    draw_night(folder / "first", images=24, defects=4, seed=5)
    draw_night(folder / "second", images=40, defects=4, seed=6)
    plant = open_plant(Settings(home=folder / "home", _env_file=None))
    first = pipeline.ingest(plant, str(folder / "first/images"))
    pipeline.retrain(plant, first, OPTIONS)
    batch = pipeline.ingest(plant, str(folder / "second/images"))
    return plant, batch, scores(plant, batch, None)


def scores(plant: Plant, batch: int, spread: Spread | None) -> pd.DataFrame:
    run = pipeline.score(plant, batch, OPTIONS, spread=spread)
    with registry.unit_of_work(plant.engine) as session:
        frame = registry.scores(session, run)
    return frame[["path", "pattern", "score", "decision"]].sort_values("path", ignore_index=True)


@pytest.fixture(autouse=True)
def _small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "SHARD", CHUNK)


def done_by(plant: Plant, which: Callable[[int], bool], told: list[Shard]) -> Spread:
    """Another process that does some of the shards it is given."""

    def spread(asked: Sequence[Shard], tick: Tick) -> None:
        for number, shard in enumerate(asked):
            told.append(shard)
            if which(number):
                do_shard(plant, shard, OPTIONS)
            tick(number + 1, len(asked))

    return spread


@pytest.mark.parametrize("share", ["all", "some", "none"])
def test_the_rows_are_those_of_one_process(
    judged: tuple[Plant, int, pd.DataFrame], share: str
) -> None:
    plant, batch, whole = judged
    told: list[Shard] = []
    which = {"all": lambda _: True, "some": lambda n: n % 2 == 0, "none": lambda _: False}[share]
    pd.testing.assert_frame_equal(
        scores(plant, batch, done_by(plant, which, told)), whole, check_exact=True
    )
    assert {one.model_id is None for one in told} == {True, False}
    assert all(len(one.hashes) <= CHUNK for one in told)
    assert not list(plant.store.list(FOLDER))


def test_a_run_that_died_leaves_its_shards_to_the_next(
    judged: tuple[Plant, int, pd.DataFrame],
) -> None:
    plant, batch, whole = judged
    first: list[Shard] = []

    def dies(asked: Sequence[Shard], tick: Tick) -> None:
        done_by(plant, lambda _: True, first)(asked[:3], tick)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scores(plant, batch, dies)
    second: list[Shard] = []
    found = scores(plant, batch, done_by(plant, lambda _: True, second))
    pd.testing.assert_frame_equal(found, whole, check_exact=True)
    assert len(first) == 3
    assert not {one.name for one in first} & {one.name for one in second}


def test_a_worker_with_another_backbone_refuses(judged: tuple[Plant, int, pd.DataFrame]) -> None:
    plant, _, _ = judged
    with registry.unit_of_work(plant.engine) as session:
        (image, *_) = registry.batch_records(session, 1)
    with pytest.raises(InputError, match="give all workers the same TECHNOPRO_BACKBONE"):
        do_shard(plant, Shard("made elsewhere", (image.sha256,)), OPTIONS)
