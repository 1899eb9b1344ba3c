"""A network in eight bits says nearly the same, and calls nobody."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from technopro.export.quantised import in_eight_bits
from technopro.features.openvino import import_openvino

ALONE = """
import sys
from technopro.export import quantised
try:
    quantised.in_eight_bits(None, [])
except Exception:
    import nncf.telemetry
    print(sys.modules["openvino_telemetry"], type(nncf.telemetry.telemetry).__name__)
"""


def network() -> Any:  # noqa: ANN401 — OpenVINO carries no types
    torch.manual_seed(0)
    layers = nn.Conv2d(3, 16, 3, padding=1), nn.ReLU6(), nn.Conv2d(16, 8, 3, padding=1)
    example = (torch.zeros(1, 3, 32, 32),)
    return import_openvino().convert_model(torch.export.export(nn.Sequential(*layers), example))


def pictures(count: int, seed: int) -> list[np.ndarray]:
    return list(np.random.default_rng(seed).normal(size=(count, 1, 3, 32, 32)).astype(np.float32))


def test_it_says_nearly_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    exact = network()
    rough = in_eight_bits(exact, pictures(20, 0))
    assert capsys.readouterr().out == ""
    assert "FakeQuantize" in [one.get_type_name() for one in rough.get_ops()]
    assert "FakeQuantize" not in [one.get_type_name() for one in exact.get_ops()]
    ask_exact, ask_rough = (
        import_openvino().Core().compile_model(one, "CPU") for one in (exact, rough)
    )
    for one in pictures(5, 1):
        wanted, found = ask_exact(one)[0], ask_rough(one)[0]
        apart = np.sqrt(np.mean((wanted - found) ** 2) / np.var(wanted))
        assert 1e-4 < apart < 0.05


def test_nothing_calls_home() -> None:
    """In a process of its own: in one with pytest, NNCF sends nothing anyway."""
    done = subprocess.run([sys.executable, "-c", ALONE], check=True, capture_output=True, text=True)
    assert done.stdout == "None MagicMock\n"
