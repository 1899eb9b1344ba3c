"""A batch looked at and scored in shards: the same to the last bit, whoever does them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace

import pandas as pd
import pytest
from drawn_night import OPTIONS, draw_night

from technopro import pipeline, registry, shards
from technopro.checkpoints import FOLDER, Tensors
from technopro.errors import InputError
from technopro.learner.prepare import CHUNK
from technopro.plant import Plant, Tick
from technopro.shards import Shard, Shards, Spread, do_shard, shard_name
from technopro.sight import Sight, open_sight


@pytest.fixture(scope="module")
def judged(
    plant: Plant, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Plant, int, pd.DataFrame]:
    """A plant with models of two patterns, another batch, and its scores in one piece."""
    folder = tmp_path_factory.mktemp("night")
    draw_night(folder, images=40, defects=4, seed=6)
    batch = pipeline.ingest(plant, str(folder / "images"))
    return plant, batch, scores(plant, batch, None)


PREFECT_TAKES = 512 * 1024  # bytes of parameters


def scores(plant: Plant, batch: int, spread: Spread | None) -> pd.DataFrame:
    run = pipeline.score(plant, batch, OPTIONS, spread=spread)
    with registry.unit_of_work(plant.engine) as session:
        frame = registry.scores(session, run)
    return frame[["path", "pattern", "score", "decision"]].sort_values("path", ignore_index=True)


@pytest.fixture(scope="module")
def sight(judged: tuple[Plant, int, pd.DataFrame]) -> Sight:
    return open_sight(judged[0], OPTIONS)


@pytest.fixture(autouse=True)
def _small_and_quick_shards(monkeypatch: pytest.MonkeyPatch, sight: Sight) -> None:
    monkeypatch.setattr(shards, "LEAST", 1)
    monkeypatch.setattr(shards, "open_sight", lambda *_: sight)


class Others:
    """Another process that does some of the shards it is given; it may die of one."""

    workers = 9

    def __init__(self, plant: Plant, does: Callable[[int], bool], dies_at: int = -1) -> None:
        self.plant, self.does, self.dies_at = plant, does, dies_at
        self.told: list[Shard] = []

    def __call__(self, asked: Sequence[Shard], tick: Tick) -> None:
        for number, shard in enumerate(asked):
            if number == self.dies_at:
                raise KeyboardInterrupt
            self.told.append(shard)
            if self.does(number):
                do_shard(self.plant, shard, OPTIONS)
            tick(number + 1, len(asked))


@pytest.mark.parametrize("share", ["all", "some", "none"])
def test_the_rows_are_those_of_one_process(
    judged: tuple[Plant, int, pd.DataFrame], share: str
) -> None:
    plant, batch, whole = judged
    does = {"all": lambda _: True, "some": lambda n: n % 2 == 0, "none": lambda _: False}[share]
    others = Others(plant, does)
    pd.testing.assert_frame_equal(scores(plant, batch, others), whole, check_exact=True)
    assert {one.model_id is None for one in others.told} == {True, False}
    assert all(len(one.hashes) <= CHUNK for one in others.told)
    assert not list(plant.store.list(FOLDER))


def test_a_run_that_died_leaves_its_shards_to_the_next(
    judged: tuple[Plant, int, pd.DataFrame],
) -> None:
    plant, batch, whole = judged
    first, second = Others(plant, lambda _: True, dies_at=3), Others(plant, lambda _: True)
    with pytest.raises(KeyboardInterrupt):
        scores(plant, batch, first)
    pd.testing.assert_frame_equal(scores(plant, batch, second), whole, check_exact=True)
    assert len(first.told) == 3
    assert not {one.name for one in first.told} & {one.name for one in second.told}


def test_where_nobody_helps_a_run_that_died_goes_on_after_the_last_whole_part(
    judged: tuple[Plant, int, pd.DataFrame], sight: Sight, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant, batch, whole = judged
    monkeypatch.setattr(shards, "MOST", 1)  # chunk in a part
    with registry.unit_of_work(plant.engine) as session:
        hashes = sorted({one.sha256 for one in registry.batch_records(session, batch)})
    looked: list[int] = []
    dies_at = 3

    def look(at: Sight, shard: Shard, tick: Tick) -> Tensors:
        if len(looked) == dies_at:
            raise KeyboardInterrupt
        looked.append(len(shard.hashes))
        return looking(at, shard, tick)

    looking = shards._look
    monkeypatch.setattr(shards, "_look", look)
    with pytest.raises(KeyboardInterrupt):
        Shards(sight).looks(hashes, lambda *_: None)
    assert looked == [CHUNK] * 3
    dies_at = -1
    pd.testing.assert_frame_equal(scores(plant, batch, None), whole, check_exact=True)
    assert sum(looked) == len(hashes)  # none was looked at twice
    assert not list(plant.store.list(FOLDER))


def test_a_shard_is_as_large_as_leaves_no_worker_idle(
    judged: tuple[Plant, int, pd.DataFrame], sight: Sight, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = Others(judged[0], lambda _: True)
    parts = Shards(sight, others)._parts
    assert [part.stop - part.start for part in parts(100)] == [CHUNK] * 6 + [4]
    others.workers = 2
    assert [part.stop - part.start for part in parts(100)] == [2 * CHUNK] * 3 + [4]
    monkeypatch.setattr(shards, "LEAST", 32)
    assert parts(100) == [slice(0, 100)]
    own = [part.stop - part.start for part in parts(20_000)]
    assert len(own) == 6  # as many for each of the two
    assert max(own) <= shards.MOST * CHUNK
    worst = Shard("0" * 64, ("0" * 64,) * (shards.MOST * CHUNK), 1, (1,) * (shards.MOST * CHUNK))
    assert len(json.dumps(asdict(worst))) < PREFECT_TAKES


def test_a_result_is_named_by_all_that_it_depends_on(
    judged: tuple[Plant, int, pd.DataFrame], sight: Sight
) -> None:
    with registry.unit_of_work(judged[0].engine) as session:
        first, second = registry.champions(session).values()
    backbone = replace(sight.extractor.backbone, sha256="0" * 64)
    other = replace(sight, extractor=replace(sight.extractor, backbone=backbone))
    names = [
        shard_name(sight, ["a", "b"]),
        shard_name(sight, ["a", "c"]),
        shard_name(other, ["a", "b"]),
        shard_name(sight, ["a", "b"], first, (0, 1)),
        shard_name(sight, ["a", "b"], first, (1, 1)),
        shard_name(sight, ["a", "b"], second, (0, 1)),
    ]
    assert len(set(names)) == len(names)
    assert shard_name(sight, ["a", "b"], first, (0, 1)) == names[3]


def test_a_worker_with_another_backbone_refuses(judged: tuple[Plant, int, pd.DataFrame]) -> None:
    plant, _, _ = judged
    with registry.unit_of_work(plant.engine) as session:
        (image, *_) = registry.batch_records(session, 1)
    with pytest.raises(InputError, match="give all workers the same TECHNOPRO_BACKBONE"):
        do_shard(plant, Shard("made elsewhere", (image.sha256,)), OPTIONS)


def test_what_the_retrain_looked_at_and_scored_is_not_done_again(
    judged: tuple[Plant, int, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The comparison with the nights before has the champions score the night; so has the night."""
    plant, batch, whole = judged
    monkeypatch.setattr("technopro.due.if_changed", lambda *_: None)
    pipeline.retrain(plant, batch, OPTIONS, which="changed")
    kept = [one.key for one in plant.store.list(FOLDER)]
    assert len(kept) == 2  # the looks, and what the champion says that does not know its images

    def refuse(*_: object) -> None:
        raise AssertionError("done again")

    monkeypatch.setattr(shards, "look_at", refuse)
    monkeypatch.setattr(Sight, "evidence", refuse)
    pd.testing.assert_frame_equal(scores(plant, batch, None), whole, check_exact=True)
    assert not list(plant.store.list(FOLDER))
