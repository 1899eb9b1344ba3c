"""Features: OpenVINO against torch, and what becomes of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy

import numpy as np
import pytest
import torch

from technopro.features.engine import _OpenVino, at_once, by_torch, open_engine
from technopro.features.extract import open_extractor
from technopro.features.views import LEVELS, Lens, Raw, Whitening
from technopro.features.weights import load_backbone

BACKBONE = "tf_efficientnet_lite0"
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def network() -> torch.nn.Module:
    return load_backbone(BACKBONE)[0]


@pytest.mark.parametrize(("precision", "close"), [(torch.float32, 1e-4), (torch.bfloat16, 0.05)])
def test_agrees_with_torch(network: torch.nn.Module, precision: torch.dtype, close: float) -> None:
    x = torch.randn(3, 3, 256, 224, generator=torch.Generator().manual_seed(0))
    found = open_engine(network, CPU, precision)(x)
    with torch.inference_mode():
        expected = network(x)
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.shape == theirs.shape
        assert float((ours - theirs).square().mean().sqrt() / theirs.std()) < close


def test_the_features_of_an_image_do_not_depend_on_its_neighbours() -> None:
    extractor = open_extractor(BACKBONE, None, CPU)
    images = np.random.default_rng(0).integers(0, 255, (7, 512, 512, 3)).astype(np.uint8)
    assert at_once((512, 512), CPU) == 2
    together, alone = extractor.stages(images), extractor.stages(images[5:6])
    for many, one in zip(together, alone, strict=True):
        assert torch.equal(many[5:6], one)


def test_refuses_more_images_than_it_was_compiled_for(network: torch.nn.Module) -> None:
    with pytest.raises(ValueError, match="at most 2 images"):
        open_engine(network, CPU, torch.float32)(torch.zeros(3, 3, 512, 512))


@pytest.fixture
def graphs() -> Iterator[list[torch.fx.GraphModule]]:
    """What torch compiles for a while: no more than traced, since not all have a C++ compiler."""
    seen: list[torch.fx.GraphModule] = []

    def trace(graph: torch.fx.GraphModule, _: list[torch.Tensor]) -> Callable[..., object]:
        seen.append(graph)
        return graph.forward

    usual = torch.compiler.get_default_backend()
    torch.compiler.set_default_backend(trace)
    yield seen
    torch.compiler.set_default_backend(usual)
    torch.compiler.reset()


def test_what_torch_compiles_says_the_same(
    network: torch.nn.Module, graphs: list[torch.fx.GraphModule]
) -> None:
    x = torch.randn(2, 3, 64, 96, generator=torch.Generator().manual_seed(0))
    compiled, alone = by_torch(deepcopy(network), compiles=True), by_torch(network)
    for ours, theirs in zip(compiled(x), alone(x), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-4)
    assert len(graphs) == 1  # of the whole network


CALL = """
import socket
def refuse(*_): raise AssertionError("a connection was opened")
socket.socket.connect = socket.getaddrinfo = refuse
import torch
from technopro.features.engine import open_engine
network = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3))
print(len(open_engine(network, torch.device("cpu"), torch.float32)(torch.zeros(1, 3, 1024, 1024))))
"""


def test_nothing_calls_home() -> None:
    """In a fresh process, since the call would be made on import."""
    done = subprocess.run([sys.executable, "-c", CALL], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "1"), done.stderr


def test_only_the_last_shapes_stay_compiled(network: torch.nn.Module) -> None:
    engine = open_engine(network, CPU, torch.float32)
    for side in (64, 96, 128, 96, 160):
        assert engine(torch.zeros(1, 3, side, side))[0].shape[2] == side // 2
    assert isinstance(engine, _OpenVino)
    assert [shape[2] for shape in engine._compiled] == [96, 160]


def test_a_foreign_image_gives_finite_maps() -> None:
    one = Whitening(torch.zeros(2), torch.full((2,), 1e-6), torch.eye(2))
    raw = Raw(
        torch.ones(1, 2),
        {name: torch.full((1, 4, 4, 2), 9.0) for name in LEVELS},
        torch.zeros(1, 224, 224, 3, dtype=torch.uint8),
    )
    views = Lens(dict.fromkeys(LEVELS, one), one).views(raw, torch.zeros(1, dtype=torch.int64))
    assert all(torch.isfinite(maps).all() for maps in views.maps.values())
