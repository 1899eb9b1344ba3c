"""Where networks run: as a run says, else as the plant is set."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from technopro import sight
from technopro.errors import InputError
from technopro.plant import Options, Plant, open_plant
from technopro.settings import Settings
from technopro.sight import open_sight


@pytest.fixture(autouse=True)
def no_backbone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(
        sight, "open_extractor", lambda *_, **__: SimpleNamespace(precision=torch.float32)
    )
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def plant(home: Path, **settings: object) -> Plant:
    return open_plant(Settings(home=home, _env_file=None, **settings))  # type: ignore[arg-type]


def test_a_run_computes_with_the_threads_of_the_plant_unless_it_says_otherwise(
    tmp_path: Path,
) -> None:
    three = plant(tmp_path, threads=3)
    open_sight(three, Options())
    assert torch.get_num_threads() == 3
    open_sight(three, Options(threads=2))
    assert torch.get_num_threads() == 2


def test_a_run_asks_for_the_device_of_the_plant_unless_it_says_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    wants = plant(tmp_path, device="cuda")
    with pytest.raises(InputError, match="CUDA"):
        open_sight(wants, Options())
    assert open_sight(wants, Options(device="cpu")).machine.device.type == "cpu"
