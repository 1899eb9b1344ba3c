"""A champion, exported for machines without torch, in the fastest way that decides the same."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch

from technopro import registry
from technopro.decision.decide import STANDARD, Cuts, decide
from technopro.edge import BACKBONE, Runtime, read, read_manifest
from technopro.errors import InputError, WeightsError
from technopro.export import files, parity
from technopro.export.parity import IMAGES, LARGEST, Parity, Picture
from technopro.export.quantised import PICTURES, in_eight_bits
from technopro.features.engine import by_torch
from technopro.features.extract import Extractor, native_precision
from technopro.features.weights import load_backbone
from technopro.fold import fold_of
from technopro.intake import decode, image_key
from technopro.learner.fitted import restore
from technopro.plant import Plant, Progress, use_threads
from technopro.registry import ModelRow
from technopro.registry.judged import newest_images, scores_by
from technopro.store import ObjectStore
from technopro.stored import load_model, require_backbone

Precision = Literal["auto", "f32", "bf16", "int8"]
CPU = torch.device("cpu")
NAMED = 10  # images of a refusal


def export_model(
    plant: Plant,
    pattern: str,
    out: Path,
    threads: int,
    *,
    precision: Precision = "auto",
    runtime: Runtime = "openvino",
    actor: str,
    progress: Progress,
) -> Parity:
    """Write a pattern's champion into the new folder `out`, with its certificate.

    `auto` takes the fastest precision, as measured here, of those that decide every image as torch
    does in 32 bits; `int8` is tried where NNCF is installed. For ONNX there are only 32 bits. The
    certificate is kept with the model version too. Raises InputError where there is no champion or
    no image, WeightsError where no precision decides the same.
    """
    wanted = _wanted(precision, runtime)
    with registry.unit_of_work(plant.engine) as session:
        row = registry.champions(session).get(pattern)
        if row is None:
            raise InputError(f"expected a pattern with a champion, found {pattern!r}")
        set_by_people = registry.thresholds(session).get(pattern)
        hashes = newest_images(session, pattern, IMAGES)
        recorded = scores_by(session, row.id, hashes)
    cuts = STANDARD if set_by_people is None else Cuts(set_by_people.defect, set_by_people.review)
    with files.beside(out) as folder:
        use_threads(threads)
        exporter = _Exporter(plant, row, cuts, hashes, recorded, progress)
        found = exporter.tried(folder, wanted, runtime, threads)
        best = best_of(found, pattern)
        chosen = folder / best.precision
        files.rewrite(chosen, {**read_manifest(chosen), "certificate": best.to_json()})
        shutil.move(chosen, out)
    with registry.unit_of_work(plant.engine) as session:
        registry.certify(session, row.id, best.to_json(), actor=actor)
        session.commit()
    return best


def _wanted(precision: Precision, runtime: Runtime) -> Sequence[str]:
    if runtime == "onnx":
        if precision not in ("auto", "f32"):
            raise InputError(f"--runtime onnx: expected --precision f32, found {precision}")
        files.require("--runtime onnx", "onnx", ("onnx", "onnxscript", "onnxruntime"))
        return ["f32"]
    if precision == "int8":
        files.require("--precision int8", "int8", ("nncf",))
    if precision != "auto":
        return [precision]
    half = native_precision(CPU) == torch.bfloat16  # else it is computed in 32 bits anyway
    worth_it = {"f32": True, "bf16": half, "int8": find_spec("nncf") is not None}
    return [one for one, is_worth_it in worth_it.items() if is_worth_it]


class _Exporter:
    """One model, the pictures it is tried on, and what torch says of them."""

    def __init__(
        self,
        plant: Plant,
        row: ModelRow,
        cuts: Cuts,
        hashes: Sequence[str],
        recorded: Mapping[str, float],
        progress: Progress,
    ) -> None:
        self._row, self._cuts, self._progress = row, cuts, progress
        self._fitted = restore(load_model(plant.store, row), CPU)
        self._backbone = _backbone(plant, row)
        self._pictures = _pictures(plant.store, hashes)
        decisions = decide(
            np.array(list(recorded.values())), self._fitted.calibration.separable, cuts
        )
        self._recorded = dict(zip(recorded, (one.value for one in decisions), strict=True))
        exact = Extractor(by_torch(self._backbone), row.backbone, CPU, torch.float32)
        self._exact = parity.of_product(
            self._fitted, exact, self._pictures, cuts, self._tick("asking torch, in 32 bits")
        )

    def tried(
        self, folder: Path, precisions: Sequence[str], runtime: Runtime, threads: int
    ) -> list[Parity]:
        """Write the model in each precision into a folder of its name, and compare."""
        self._progress("converting the model", 0, 1)
        networks = files.convert(self._backbone, self._row.backbone.name, self._fitted, runtime)
        return [self._tried(folder / one, networks, one, runtime, threads) for one in precisions]

    def _quantised(self, network: Any) -> Any:  # noqa: ANN401 — OpenVINO carries no types
        some = self._pictures[:PICTURES]
        self._progress("converting to eight bits", 0, 1)
        return in_eight_bits(network, (read(one.load(), self._fitted.shape) for one in some))

    def _tried(
        self,
        folder: Path,
        networks: Mapping[str, Any],
        precision: str,
        runtime: Runtime,
        threads: int,
    ) -> Parity:
        folder.mkdir()
        if precision == "int8":
            networks = {**networks, BACKBONE: self._quantised(networks[BACKBONE])}
        files.write(folder, networks, self._row, self._fitted, self._cuts, precision, runtime)
        tick = self._tick(f"asking the export, {precision}")
        answers, each = parity.of_export(
            folder, self._fitted, self._pictures, self._cuts, threads, tick
        )
        return parity.compare(
            runtime, precision, answers, each, self._exact, self._pictures, self._recorded
        )

    def _tick(self, what: str) -> parity.Tick:
        return lambda done, total: self._progress(what, done, total)


def _backbone(plant: Plant, row: ModelRow) -> torch.nn.Module:
    settings, name = plant.settings, row.backbone.name
    given = settings.backbone_weights if name == settings.backbone else None
    network, found = load_backbone(name, given, endpoint_url=settings.s3_endpoint_url)
    require_backbone(row, found)
    return network


def _pictures(store: ObjectStore, hashes: Sequence[str]) -> list[Picture]:
    """Return the images; where they are fewer than wanted, mirrored, darker and lighter too."""
    if not hashes:
        raise InputError("expected images that were judged, found none; score a batch first")
    return [
        Picture(h + change.name, fold_of(h), partial(change.of, store, h))
        for change in CHANGES
        for h in hashes
    ][:IMAGES]


@dataclass(frozen=True)
class _Change:
    """What is done to an image to have one more."""

    gain: float
    down: int  # -1 turns the picture upside down
    across: int  # -1 mirrors it

    @property
    def name(self) -> str:
        plain = (self.gain, self.down, self.across) == (1.0, 1, 1)
        return "" if plain else f" x{self.gain:g} {self.down:+d}{self.across:+d}"

    def of(self, store: ObjectStore, sha256: str) -> np.ndarray:
        pixels = decode(store.get(image_key(sha256)))[:: self.down, :: self.across]
        return np.clip(np.rint(pixels * self.gain), 0, 255).astype(np.uint8)


CHANGES = tuple(
    _Change(gain, down, across)
    for gain in (1.0, 0.95, 1.05, 0.9, 1.1, 0.85, 1.15, 0.8)  # the fewest of a model make 500
    for down in (1, -1)
    for across in (1, -1)
)


def best_of(found: Sequence[Parity], pattern: str) -> Parity:
    """Return the fastest that passed; raises WeightsError, naming images, where none did."""
    passed = [one for one in found if one.passed]
    if passed:
        return min(passed, key=lambda one: one.milliseconds)
    why = "; ".join(
        f"{one.precision}: {len(one.changed)} of {one.images} images decided otherwise "
        f"({', '.join(name[:12] for name in one.changed[:NAMED]) or 'none'}), largest difference "
        f"of a score {one.largest:.1e} ({one.farthest[:12]}), where {LARGEST:.0e} is allowed in 32 "
        "bits"
        for one in found
    )
    raise WeightsError(f"{pattern} is not exported: it would not decide as torch does. {why}")
