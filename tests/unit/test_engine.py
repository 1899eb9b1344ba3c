"""OpenVINO against torch on the packaged backbone."""

from __future__ import annotations

import socket
import sys

import numpy as np
import pytest
import torch

from technopro.features.engine import at_once, open_engine
from technopro.features.extract import open_extractor
from technopro.features.weights import PACKAGED, load_backbone

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def network() -> torch.nn.Module:
    return load_backbone(PACKAGED, None)[0]


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
    extractor = open_extractor(PACKAGED, None, CPU)
    images = np.random.default_rng(0).integers(0, 255, (7, 512, 512, 3)).astype(np.uint8)
    assert at_once((512, 512), CPU) == 4
    together, alone = extractor.stages(images), extractor.stages(images[5:6])
    for many, one in zip(together, alone, strict=True):
        assert torch.equal(many[5:6], one)


def test_refuses_more_images_than_it_was_compiled_for(network: torch.nn.Module) -> None:
    with pytest.raises(ValueError, match="at most 4 images"):
        open_engine(network, CPU, torch.float32)(torch.zeros(5, 3, 512, 512))


def test_nothing_calls_home(network: torch.nn.Module, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    open_engine(network, CPU, torch.float32)(torch.zeros(1, 3, 64, 64))
    assert sys.modules["openvino_telemetry"] is None
