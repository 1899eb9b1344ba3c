"""Faults of the camera, told from defects before anything is learned.

A fault is an image so far from all others of its pattern, everywhere in the picture, that it says
nothing about the part: too dark, saturated, empty, blurred, or of something else. So every figure
is compared with what is usual for the pattern.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from technopro.patterns.parts import in_parts
from technopro.results import Fault

FAR = 8.0  # robust spreads; the same gap that keeps patterns apart
TIMES = 3.0  # … and at least this factor
FOREIGN = 4.0  # times the usual distance from the centre; sound and defective images keep to 2.1
HALF = 0.5  # clipped share of half the blocks: nothing can be seen there
NOTHING = 1.0  # grey levels of contrast below which a picture is empty, whatever the pattern
NORMAL_MAD = 1.4826  # a standard normal's deviation in units of its median absolute deviation
Table = Mapping[str, np.ndarray]  # of exposures, (N,) each


@dataclass(frozen=True)
class Usual:
    """What is usual for a pattern: median and spread of logs, and of the embedding."""

    middle: dict[str, float]
    spread: dict[str, float]
    clipped: float
    centre: tuple[float, ...]  # (C,)
    scale: tuple[float, ...]  # (C,)
    reach: float  # distance from the centre that half of the images keep

    @property
    def contrast(self) -> float:
        """Grey levels."""
        return float(np.exp(self.middle["contrast"]) - 1.0)

    def looking_like(self, other: Usual) -> Usual:
        """Return the same light, with the look of what another backbone saw."""
        return replace(self, centre=other.centre, scale=other.scale, reach=other.reach)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, recipe: Mapping[str, Any]) -> Usual:
        return cls(**{**recipe, "centre": tuple(recipe["centre"]), "scale": tuple(recipe["scale"])})


def usual_by_part(recipe: Mapping[str, Any], pattern: str) -> dict[str, Usual]:
    """Return what a model's recipe keeps as usual for each part of its pattern, by name.

    Older models knew only one for all.
    """
    parts = {pattern: recipe} if "middle" in recipe else recipe
    return {name: Usual.from_json(part) for name, part in parts.items()}


def learn_usual(table: Table, embeddings: np.ndarray) -> Usual:
    """Learn from all images of a pattern; medians are not bent by a few faults among them."""
    logs = {name: np.log(table[name] + 1.0) for name in ("brightness", "contrast", "detail")}
    middle = {name: float(np.median(values)) for name, values in logs.items()}
    spread = {n: _deviation(values, middle[n]) for n, values in logs.items()}
    centre = np.median(embeddings, axis=0)
    scale = NORMAL_MAD * np.median(np.abs(embeddings - centre), axis=0)
    scale = np.maximum(scale, 1e-3 * np.abs(centre) + 1e-6)
    reach = float(np.median(_distance(embeddings, centre, scale)))
    return Usual(
        middle,
        spread,
        float(np.median(table["clipped"])),
        tuple(centre.tolist()),
        tuple(scale.tolist()),
        max(reach, 1e-6),
    )


def camera_faults(usual: Usual, table: Table, embeddings: np.ndarray) -> list[Fault | None]:
    """Return the fault of each of N images, or None."""
    light, contrast, detail = (
        (np.log(table[n] + 1.0) - usual.middle[n]) for n in ("brightness", "contrast", "detail")
    )
    far = {n: _bound(usual.spread[n]) for n in usual.spread}
    distance = _distance(embeddings, np.array(usual.centre), np.array(usual.scale)) / usual.reach
    flat = contrast < -2 * far["contrast"]
    tests = {  # the first that holds names the fault
        Fault.DARK: light < -far["brightness"],
        Fault.SATURATED: (light > far["brightness"])
        | ((table["clipped"] > HALF) & (usual.clipped < HALF / 2)),
        Fault.EMPTY: flat | ((table["contrast"] < NOTHING) & (usual.contrast > TIMES * NOTHING)),
        Fault.BLURRED: detail < -far["detail"],
        Fault.FOREIGN: distance > FOREIGN,
    }
    found: list[Fault | None] = [None] * len(embeddings)
    for fault, holds in reversed(tests.items()):
        for index in np.flatnonzero(holds):
            found[int(index)] = fault
    return found


def _bound(spread: float) -> float:
    return max(FAR * spread, float(np.log(TIMES)))


def _deviation(values: np.ndarray, middle: float) -> float:
    return float(NORMAL_MAD * np.median(np.abs(values - middle)))


def _distance(embeddings: np.ndarray, centre: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Median over the channels: (N,); one channel gone wild is not another product."""
    found = np.empty(len(embeddings), np.result_type(embeddings, centre, scale))
    for some in in_parts(len(found)):
        found[some] = np.median(np.abs(embeddings[some] - centre) / scale, axis=1)
    return found
