"""The folder of an exported model: networks as a runtime reads them, and what belongs to them."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.export import ExportedProgram

from technopro.decision.decide import Cuts
from technopro.edge import BACKBONE, FORMAT, MANIFEST, Runtime, judge
from technopro.errors import InputError
from technopro.export.network import Judge, Normalised
from technopro.features.openvino import import_openvino
from technopro.fold import FOLDS
from technopro.learner.fitted import FittedPattern
from technopro.registry import ModelRow

SOURCES = (  # what `technopro.edge` imports of the product; a test holds it
    "__init__.py", "edge.py", "errors.py", "fold.py", "results.py",
    "decision/__init__.py", "decision/curve.py", "decision/decide.py",
    "features/__init__.py", "features/openvino.py", "features/sizing.py",
    "intake/__init__.py", "intake/capture.py", "intake/decode.py", "intake/keys.py",
    "intake/pixels.py", "intake/png.py", "intake/quiet.py", "intake/signature.py",
    "intake/take.py", "intake/thumbnail.py",
    "store/__init__.py", "store/address.py", "store/folder.py", "store/memory.py", "store/port.py",
)  # fmt: skip
NEEDS = {"openvino": ("numpy", "openvino", "pillow"), "onnx": ("numpy", "onnxruntime", "pillow")}


def convert(
    backbone: nn.Module, name: str, fitted: FittedPattern, runtime: Runtime
) -> dict[str, Any]:
    """Return the networks of a model as a runtime has them, by the names of their files."""
    pixels = torch.zeros(1, 3, *fitted.shape)
    normalised = Normalised(backbone, name).eval()
    with torch.inference_mode():
        stages = normalised(pixels)
    laid_out = _in_openvino if runtime == "openvino" else _in_onnx
    judges = [Judge(fitted, fold).eval() for fold in range(FOLDS)]
    return {
        BACKBONE: laid_out(_program(normalised, (pixels,))),
        **{judge(k): laid_out(_program(one, (pixels, *stages))) for k, one in enumerate(judges)},
    }


def _program(network: nn.Module, example: tuple[torch.Tensor, ...]) -> ExportedProgram:
    with torch.no_grad():
        return torch.export.export(network, tuple(part.clone() for part in example))


def _in_openvino(program: ExportedProgram) -> Any:  # noqa: ANN401 — OpenVINO carries no types
    return import_openvino().convert_model(program)


def _in_onnx(program: ExportedProgram) -> Any:  # noqa: ANN401 — nor does torch's ONNX
    return torch.onnx.export(program, dynamo=True, optimize=True, verbose=False)


def require(option: str, extra: str, packages: Sequence[str]) -> None:
    """Raise InputError where a package that an option needs is not installed."""
    for package in packages:
        if find_spec(package) is None:
            raise InputError(
                f"{option}: expected the package {package}, found none; "
                f"`pip install technopro[{extra}]`"
            )


def write(
    folder: Path,
    networks: Mapping[str, Any],
    row: ModelRow,
    fitted: FittedPattern,
    cuts: Cuts,
    precision: str,
    runtime: Runtime,
) -> None:
    """Write networks and manifest into a folder that is there."""
    for name, network in networks.items():
        if runtime == "openvino":
            path = folder / f"{name}.xml"
            import_openvino().save_model(network, path, compress_to_fp16=False)
        else:
            network.save(folder / f"{name}.onnx", external_data=False)
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    _bring_code(folder, runtime)
    calibration = fitted.calibration
    rewrite(
        folder,
        {
            "format": FORMAT,
            "pattern": row.pattern,
            "version": row.version,
            "weights_sha256": row.weights_sha256,
            "backbone": {"name": row.backbone.name, "sha256": row.backbone.sha256},
            "runtime": runtime,
            "precision": precision,
            "shape": list(fitted.shape),
            "evidence": list(calibration.evidence),
            "log_odds": list(calibration.log_odds),
            "separable": calibration.separable,
            "cuts": {"defect": cuts.defect, "review": cuts.review},
            "files": dict(sorted(files.items())),
        },
    )


def _bring_code(folder: Path, runtime: Runtime) -> None:
    """Put the code that runs the model beside it, as it was when the model was certified."""
    package = Path(__file__).parents[1]
    for name in SOURCES:
        (folder / "technopro" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(package / name, folder / "technopro" / name)
    shutil.copyfile(package / "export/standalone.py", folder / "judge.py")
    needs = "".join(f"{name}=={version(name)}\n" for name in NEEDS[runtime])
    (folder / "requirements.txt").write_text(needs)


def rewrite(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest."""
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n")


@contextmanager
def beside(out: Path) -> Iterator[Path]:
    """Give a folder to fill, which is gone afterwards; raises InputError where `out` is taken."""
    if out.exists():
        raise InputError(f"--out: expected a new folder, found {out}; name another, or move it")
    out.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
