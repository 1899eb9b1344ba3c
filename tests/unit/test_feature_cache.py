"""Kept features: the same bits as new ones, within their bound, and never in the way."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from technopro.features import cache as module
from technopro.features.cache import FeatureCache, feature_name
from technopro.features.engine import open_engine
from technopro.features.extract import Extractor
from technopro.features.looker import Load, Looker
from technopro.features.views import Raw, look
from technopro.results import Backbone

SHAPE = (64, 96)
CPU = torch.device("cpu")
PLENTY = 2**22
NAMES = [f"{i:064x}" for i in range(9)]
DRAWN = np.random.default_rng(0).integers(0, 256, (9, *SHAPE, 3), np.uint8)
PIXELS: dict[str, np.ndarray] = dict(zip(NAMES, DRAWN, strict=True))


class Stages(nn.Module):
    """A backbone of four strides."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first, self.rest = nn.Conv2d(3, 8, 4, 4), nn.Conv2d(8, 8, 2, 2)

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        stages = [self.first(x)]
        for _ in range(3):
            stages.append(self.rest(stages[-1]))
        return stages


@pytest.fixture
def extractor() -> Extractor:
    run = open_engine(Stages().eval(), CPU, torch.float32)
    return Extractor(run, Backbone("none", "", "0" * 64), CPU, torch.float32)


@pytest.fixture
def cache(tmp_path: Path) -> FeatureCache:
    return FeatureCache(tmp_path / "features", PLENTY)


def gone(sha256: str) -> np.ndarray:
    raise AssertionError(f"{sha256} was decoded")


def new(extractor: Extractor, names: list[str]) -> Raw:
    return look(extractor, np.stack([PIXELS[name] for name in names]))


def assert_same(found: Raw, expected: Raw) -> None:
    assert torch.equal(found.pooled, expected.pooled)
    assert torch.equal(found.picture, expected.picture)
    for name, maps in expected.levels.items():
        assert torch.equal(found.levels[name], maps)
        assert found.levels[name].stride() == maps.stride()  # so that sums add in the same order


def test_what_was_seen_is_read_bit_by_bit(extractor: Extractor, cache: FeatureCache) -> None:
    first = Looker(extractor, PIXELS.__getitem__, cache).look(NAMES, SHAPE)
    again = Looker(extractor, gone, cache).look(NAMES[::-1], SHAPE)
    assert_same(first, new(extractor, NAMES))
    assert_same(again, new(extractor, NAMES[::-1]))


def test_kept_and_new_stand_side_by_side(extractor: Extractor, cache: FeatureCache) -> None:
    Looker(extractor, PIXELS.__getitem__, cache).look(NAMES[::3], SHAPE)
    decoded: list[str] = []

    def load(sha256: str) -> np.ndarray:
        decoded.append(sha256)
        return PIXELS[sha256]

    parts = [NAMES[:4], NAMES[4:]]
    mixed = list(Looker(extractor, load, cache).looks(parts, SHAPE))
    for found, part in zip(mixed, parts, strict=True):
        assert_same(found, new(extractor, part))
    assert sorted(decoded) == [name for name in NAMES if name not in NAMES[::3]]


def test_what_is_only_read_gets_nothing_new(extractor: Extractor, cache: FeatureCache) -> None:
    Looker(extractor, PIXELS.__getitem__, cache).look(NAMES[:1], SHAPE)
    found = Looker(extractor, PIXELS.__getitem__, cache, keeps=False).look(NAMES, SHAPE)
    assert_same(found, new(extractor, NAMES))
    assert len(files(cache)) == 1


def shorten(data: bytes) -> bytes:
    return data[: len(data) // 2]


def turn_a_bit(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


def empty(_: bytes) -> bytes:
    return b""


@pytest.mark.parametrize("harm", [shorten, turn_a_bit, empty])
def test_what_was_damaged_is_seen_anew(
    extractor: Extractor, cache: FeatureCache, harm: Callable[[bytes], bytes]
) -> None:
    looker = Looker(extractor, PIXELS.__getitem__, cache)
    looker.look(NAMES, SHAPE)
    for path in files(cache):
        path.write_bytes(harm(path.read_bytes()))
    assert_same(looker.look(NAMES, SHAPE), new(extractor, NAMES))
    assert_same(Looker(extractor, gone, cache).look(NAMES, SHAPE), new(extractor, NAMES))


def test_the_last_used_stay_within_the_bound(extractor: Extractor, cache: FeatureCache) -> None:
    load: Load = PIXELS.__getitem__
    Looker(extractor, load, cache).look(NAMES[:4], SHAPE)
    for age, name in enumerate(NAMES[:4]):  # the first is the oldest …
        os.utime(cache.folder / feature_name(extractor, SHAPE, name), (age, age))
    Looker(extractor, load, cache).look(NAMES[:1], SHAPE)  # … but is of use now
    size = files(cache)[0].stat().st_size
    small = FeatureCache(cache.folder, 4 * size, _since=5.0)  # seconds since 1970
    Looker(extractor, load, small).look(NAMES[4:5], SHAPE)
    left = {path.name for path in files(cache)}
    assert NAMES[0] in left
    assert NAMES[4] in left
    assert NAMES[1] not in left
    assert sum(path.stat().st_size for path in files(cache)) <= small.most


def test_of_too_many_the_first_are_kept(extractor: Extractor, cache: FeatureCache) -> None:
    """What is asked for in turn would otherwise push out what is asked for next."""
    Looker(extractor, PIXELS.__getitem__, cache).look(NAMES[:1], SHAPE)
    small = FeatureCache(cache.folder, 3 * files(cache)[0].stat().st_size)
    for _ in range(2):
        Looker(extractor, PIXELS.__getitem__, small).look(NAMES, SHAPE)
        assert {path.name for path in files(cache)} == set(NAMES[:3])


def test_two_processes_may_keep_at_once(extractor: Extractor, cache: FeatureCache) -> None:
    other = FeatureCache(cache.folder, cache.most)
    Looker(extractor, PIXELS.__getitem__, cache).look(NAMES[:5], SHAPE)
    Looker(extractor, PIXELS.__getitem__, other).look(NAMES[3:], SHAPE)
    shutil.rmtree(cache.folder)  # it may be deleted at any time
    Looker(extractor, PIXELS.__getitem__, other).look(NAMES[4:], SHAPE)
    found = Looker(extractor, gone, cache).look(NAMES[4:], SHAPE)
    assert_same(found, new(extractor, NAMES[4:]))


def test_where_others_need_the_disk_the_oldest_give_way(
    extractor: Extractor, cache: FeatureCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    Looker(extractor, PIXELS.__getitem__, cache).look(NAMES[:6], SHAPE)
    for path in files(cache):
        os.utime(path, (0, 0))
    size = files(cache)[0].stat().st_size
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=PLENTY - 3 * size))
    Looker(extractor, PIXELS.__getitem__, FeatureCache(cache.folder, PLENTY)).look(NAMES[6:], SHAPE)
    left = {path.name for path in files(cache)}
    assert len(left) <= 3
    assert left & set(NAMES[6:])


def test_the_last_of_a_disk_is_not_taken(
    extractor: Extractor, cache: FeatureCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=PLENTY))
    found = Looker(extractor, PIXELS.__getitem__, cache).look(NAMES, SHAPE)
    assert_same(found, new(extractor, NAMES))
    assert not files(cache)


def test_where_nothing_can_be_written_nothing_is_kept(extractor: Extractor, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = FeatureCache(tmp_path / "file" / "features", PLENTY)
    found = Looker(extractor, PIXELS.__getitem__, cache).look(NAMES, SHAPE)
    assert_same(found, new(extractor, NAMES))


def test_names_tell_what_features_depend_on(
    extractor: Extractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = replace(extractor.backbone, sha256="1" * 64)
    names = [
        feature_name(extractor, SHAPE, NAMES[0]),
        feature_name(extractor, (96, 64), NAMES[0]),
        feature_name(extractor, SHAPE, NAMES[1]),
        feature_name(replace(extractor, backbone=other), SHAPE, NAMES[0]),
        feature_name(replace(extractor, precision=torch.bfloat16), SHAPE, NAMES[0]),
    ]
    monkeypatch.setattr(module, "__version__", "another")
    names.append(feature_name(extractor, SHAPE, NAMES[0]))
    assert len(set(names)) == len(names)


def files(cache: FeatureCache) -> list[Path]:
    return [path for path in cache.folder.rglob("*") if path.is_file()]
