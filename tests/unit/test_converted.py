from pathlib import Path

import numpy as np
import pytest
import torch

from technopro.features import converted as module
from technopro.features.converted import BIN, MOST, Kept
from technopro.features.engine import open_engine

CPU = torch.device("cpu")


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "cache", "two layers")


@pytest.fixture
def conversions(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """The shapes for which a network was converted."""
    seen: list[tuple[int, ...]] = []
    convert = module._convert

    def noted(network: torch.nn.Module, example: torch.Tensor) -> object:
        seen.append(tuple(example.shape))
        return convert(network, example)

    monkeypatch.setattr(module, "_convert", noted)
    return seen


def network() -> torch.nn.Sequential:
    torch.manual_seed(0)
    layers = torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(), torch.nn.Conv2d(4, 2, 3)
    return torch.nn.Sequential(*layers).eval()


def stages(kept: Kept | None, side: int = 1024) -> np.ndarray:
    x = torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(1))
    return open_engine(network(), CPU, torch.float32, kept)(x)[0].numpy()


def test_a_second_process_reads_what_the_first_converted(
    kept: Kept, conversions: list[tuple[int, ...]]
) -> None:
    first, second = stages(kept), stages(kept)
    assert len(conversions) == 1
    assert np.array_equal(first, second)
    assert np.array_equal(first, stages(None))


def test_another_shape_or_network_is_converted_anew(
    kept: Kept, conversions: list[tuple[int, ...]]
) -> None:
    stages(kept)
    stages(kept, 1056)
    stages(Kept(kept.folder, "other weights"))
    x = torch.zeros(1, 3, 1024, 1024)
    open_engine(network()[:1], CPU, torch.float32, kept)(x)
    assert len(conversions) == 4


@pytest.mark.parametrize("damage", ["gone", "cut short", "one bit"])
def test_what_is_damaged_is_converted_anew(
    kept: Kept, conversions: list[tuple[int, ...]], damage: str
) -> None:
    expected = stages(kept)
    (weights,) = kept.folder.glob(f"*/{BIN}")
    whole = weights.read_bytes()
    if damage == "gone":
        weights.unlink()
    else:
        weights.write_bytes(whole[:-1] + (b"" if damage == "cut short" else bytes([whole[-1] ^ 1])))
    assert np.array_equal(stages(kept), expected)
    assert np.array_equal(stages(kept), expected)
    assert len(conversions) == 2


def test_where_nothing_can_be_kept_it_still_works(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert np.array_equal(stages(Kept(tmp_path / "file", "n")), stages(None))


def test_only_those_used_last_are_kept(kept: Kept) -> None:
    for number in range(MOST + 3):
        stages(Kept(kept.folder, f"network {number}"))
    assert len(list(kept.folder.iterdir())) == MOST
    first = Kept(kept.folder, "network 0").place(network(), (1, 3, 1024, 1024))
    assert first not in kept.folder.iterdir()
