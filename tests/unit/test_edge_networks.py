"""How an exported network is asked, whatever runs it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from technopro.edge import Network, _onnx, _openvino
from technopro.features.openvino import import_openvino

PIXELS, STAGES = (
    torch.full((1, 3, 4, 4), 5.0),
    (torch.full((1, 2, 2, 2), 2.0), torch.full((1, 2, 1, 1), 1.0)),
)


class _Ignores(nn.Module):
    """Takes what a judge takes, and leaves some of it, as where an opinion has no weight."""

    def __init__(self, read: tuple[str, ...]) -> None:
        super().__init__()
        self.read = read

    def forward(self, pixels: torch.Tensor, *stages: torch.Tensor) -> torch.Tensor:
        given = {"pixels": pixels, **{f"stages_{k}": stage for k, stage in enumerate(stages)}}
        return torch.stack([given[name].mean() for name in self.read])


def in_openvino(network: nn.Module, folder: Path) -> Network:
    openvino = import_openvino()
    program = torch.export.export(network, (PIXELS, *STAGES))
    openvino.save_model(openvino.convert_model(program), folder / "one.xml", compress_to_fp16=False)
    return _openvino(folder / "one.xml", "f32", 1)


def in_onnx(network: nn.Module, folder: Path) -> Network:
    program = torch.export.export(network, (PIXELS, *STAGES))
    written = torch.onnx.export(program, dynamo=True, verbose=False)
    written.save(folder / "one.onnx")  # type: ignore[union-attr]
    return _onnx(folder / "one.onnx", 1)


@pytest.mark.parametrize("made", [in_openvino, in_onnx])
@pytest.mark.parametrize(
    "read", [("pixels", "stages_0", "stages_1"), ("stages_1", "stages_0"), ("pixels", "stages_1")]
)
def test_each_input_goes_where_it_belongs_though_others_are_left(
    read: tuple[str, ...], made: Callable[[nn.Module, Path], Network], tmp_path: Path
) -> None:
    values = {"pixels": 5.0, "stages_0": 2.0, "stages_1": 1.0}
    given = {"pixels": PIXELS.numpy(), "stages_0": STAGES[0].numpy(), "stages_1": STAGES[1].numpy()}
    (answer,) = made(_Ignores(read).eval(), tmp_path)(given)
    np.testing.assert_allclose(answer, [values[name] for name in read])
