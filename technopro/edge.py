"""An exported model at work: pictures in, scores and decisions out, without torch.

    from technopro.edge import Inspector

    inspector = Inspector("bracket-left")  # a folder that `technopro export model` wrote
    judged = inspector.judge(Path("part-7.png").read_bytes())
    print(judged.score, judged.decision)

It needs numpy, pillow and openvino alone, or onnxruntime in its place, whichever the model was
exported for. The folder brings this code along: see its `judge.py`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from technopro.decision.curve import scores
from technopro.decision.decide import Cuts, decide
from technopro.errors import InputError, WeightsError
from technopro.features.openvino import import_openvino
from technopro.features.sizing import resize
from technopro.fold import FOLDS, fold_of
from technopro.intake.decode import decode
from technopro.results import Decision

FORMAT = 1
MANIFEST, BACKBONE = "model.json", "backbone"
HINTS = {"int8": "f32"}  # a network in 8 bits says itself which of its layers are
Runtime = Literal["openvino", "onnx"]
Network = Callable[[Mapping[str, np.ndarray]], list[np.ndarray]]  # what it does not ask for is left


@dataclass(frozen=True)
class Judged:
    """What an exported model makes of a picture."""

    score: float  # probability of a defect, 0 to 1
    decision: Decision
    evidence: float
    sha256: str  # of the picture's bytes


class Inspector:
    """One exported model, compiled for this machine."""

    def __init__(self, folder: str | Path, *, threads: int = 0) -> None:
        """Read and compile a model; 0 threads are as many as there are cores.

        Raises WeightsError where a file is missing, damaged, or of another kind.
        """
        self.folder = Path(folder)
        self.manifest = read_manifest(self.folder)
        self.shape: tuple[int, int] = tuple(self.manifest["shape"])
        self._backbone = self._compile(BACKBONE, self.manifest["precision"], threads)
        self._judges = [self._compile(judge(fold), "f32", threads) for fold in range(FOLDS)]

    def judge(self, data: bytes) -> Judged:
        """Judge a picture by the bytes of its file; raises ImageRejected where it is none."""
        sha256 = hashlib.sha256(data).hexdigest()
        evidence = self.evidence(decode(data), fold_of(sha256))
        score = self.scores(np.array([evidence]))
        cuts = Cuts(self.manifest["cuts"]["defect"], self.manifest["cuts"]["review"])
        (decision,) = decide(score, self.manifest["separable"], cuts)
        return Judged(float(score[0]), decision, evidence, sha256)

    def evidence(self, pixels: np.ndarray, fold: int) -> float:
        """Return what the part of a fold says of (H, W, 3) uint8 pixels, of any size."""
        image = read(pixels, self.shape)
        seen = self._backbone({"pixels": image})
        stages = {f"stages_{number}": stage for number, stage in enumerate(seen)}
        (answer,) = self._judges[fold]({"pixels": image, **stages})
        return float(answer.ravel()[0])

    def scores(self, evidence: np.ndarray) -> np.ndarray:
        """Return the probabilities of a defect."""
        return scores(evidence, self.manifest["evidence"], self.manifest["log_odds"])

    def _compile(self, name: str, precision: str, threads: int) -> Network:
        path = self.folder / name
        if self.manifest["runtime"] == "onnx":
            return _onnx(path.with_suffix(".onnx"), threads)
        return _openvino(path.with_suffix(".xml"), precision, threads)


def _openvino(path: Path, precision: str, threads: int) -> Network:
    core = import_openvino().Core()
    hints: dict[str, Any] = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": HINTS.get(precision, precision),
    }
    if threads:
        hints["INFERENCE_NUM_THREADS"] = threads
    compiled = core.compile_model(core.read_model(path), "CPU", hints)

    names = [one.get_any_name() for one in compiled.inputs]

    def run(inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        found = compiled({name: inputs[name] for name in names})
        return [found[output] for output in compiled.outputs]

    return run


def _onnx(path: Path, threads: int) -> Network:
    try:
        import onnxruntime
    except ImportError:
        raise InputError(
            f"{path.parent} is a model for ONNX Runtime, which is not installed here; "
            "`pip install onnxruntime`"
        ) from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    names = [one.name for one in session.get_inputs()]
    return lambda inputs: session.run(None, {name: inputs[name] for name in names})


def read(pixels: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return what a backbone reads of (H, W, 3) uint8 pixels: (1, 3, h, w) float32, 0 to 255."""
    image = resize(pixels, shape).astype(np.float32).transpose(2, 0, 1)[None]
    return np.ascontiguousarray(image)


def judge(fold: int) -> str:
    """Return the name of the network that judges images of a fold."""
    return f"judge-{fold}"


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return what an exported folder says of itself, once all its files are those it names.

    Raises WeightsError where they are not.
    """
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError) as error:
        raise WeightsError(
            f"expected a folder that `technopro export` wrote, found {folder} ({error})"
        ) from error
    if manifest.get("format") != FORMAT:
        raise WeightsError(
            f"{folder}: expected an export of format {FORMAT}, found {manifest.get('format')}; "
            "export it again"
        )
    manifest.setdefault("runtime", "openvino")  # there was no other
    if manifest["runtime"] not in get_args(Runtime):
        raise WeightsError(
            f"{folder}: expected an export for {' or '.join(get_args(Runtime))}, found "
            f"{manifest['runtime']!r}; export it again"
        )
    for name, wanted in manifest["files"].items():
        found = _digest(folder / name)
        if found != wanted:
            raise WeightsError(
                f"{folder / name}: expected SHA-256 {wanted[:12]}…, found {found[:12]}…; "
                "copy the folder again"
            )
    return manifest


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return "no such file"
