"""A network in eight bits: each layer's range is taken from the pattern's own pictures."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import redirect_stdout
from io import StringIO
from typing import Any

import numpy as np

from technopro.features.openvino import import_openvino

PICTURES = 64  # that ranges are taken from


def in_eight_bits(network: Any, inputs: Iterable[np.ndarray]) -> Any:  # noqa: ANN401
    """Return a copy of a network for OpenVINO whose convolutions are computed in 8 bits.

    `inputs` are what it reads of up to `PICTURES` pictures, (1, 3, H, W) float32 each. Nothing is
    learned; who uses the copy has to see that it still says the same.
    """
    import_openvino()  # before NNCF, which would call home too
    logging.getLogger("torch.utils.cpp_extension").setLevel(logging.ERROR)  # who misses CUDA here?
    with redirect_stdout(StringIO()):  # bars and notes of its own
        import nncf

        return nncf.quantize(network, nncf.Dataset(list(inputs)), subset_size=PICTURES)
