"""What is kept of unfinished work, and when it goes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from technopro.checkpoints import Checkpoints, clear_checkpoints
from technopro.maintain import maintain
from technopro.plant import open_plant
from technopro.settings import Settings
from technopro.store import MemoryStore

ONES = {
    "ones": np.ones(3, np.float32),
    "turned": np.arange(6).reshape(2, 3).T,
    "number": np.array(7),
}


def test_what_was_kept_is_found_by_whoever_goes_on() -> None:
    store = MemoryStore()
    assert Checkpoints(store, "work").get("part") is None
    Checkpoints(store, "work").put("part", ONES)
    Checkpoints(store, "work").put("part", ONES | {"ones": np.zeros(3, np.float32)})
    found = Checkpoints(store, "work").get("part")
    assert found is not None
    assert not found["ones"].any()
    assert np.array_equal(found["turned"], ONES["turned"])
    assert found["number"].shape == ()
    assert Checkpoints(store, "other").get("part") is None


def test_whoever_went_on_removes_what_was_found_too() -> None:
    store = MemoryStore()
    for work in ("work", "other"):
        Checkpoints(store, work).put("part", ONES)
    again = Checkpoints(store, "work")
    again.get("part")
    again.put("next", ONES)
    again.clear()
    assert [one.key for one in store.list()] == ["checkpoints/other/part.safetensors"]


def test_upkeep_removes_old_checkpoints_and_nothing_else() -> None:
    plant = open_plant(Settings(_env_file=None))
    plant.store.put("images/ab/image.png", b"image")
    Checkpoints(plant.store, "work").put("part", ONES)
    assert clear_checkpoints(plant.store, datetime.now(UTC) - timedelta(hours=1)) == 0
    maintain(plant, grace=timedelta(hours=1))
    assert Checkpoints(plant.store, "work").has("part")
    maintain(plant, grace=timedelta(seconds=-1))
    assert [one.key for one in plant.store.list()] == ["images/ab/image.png"]
    plant.engine.dispose()
