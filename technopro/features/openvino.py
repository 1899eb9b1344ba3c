"""The one way to import OpenVINO; asks for nothing else, so that exported models can use it."""

from __future__ import annotations

import sys
from typing import Any


def import_openvino() -> Any:  # noqa: ANN401 — OpenVINO carries no types
    """Import OpenVINO without its telemetry, which would call home."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    return openvino
