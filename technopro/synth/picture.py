"""Draw one picture: surface, defect, light and camera; a pure function of its arguments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ..errors import InputError
from . import irregular, machined, regular
from .defects import add_defect
from .fields import Shape, grid, white
from .specs import Drawn, PatternSpec, Surface

Rng = np.random.Generator
SMALLEST = 32  # pixels on a side


@dataclass(frozen=True)
class Family:
    """How a family is drawn and how it fails."""

    surface: Callable[[Shape, PatternSpec, Rng, Rng], Surface]
    kinds: tuple[str, ...]
    turns_deg: float  # patterns are turned by up to this much either way


FAMILIES: dict[str, Family] = {
    "moire": Family(regular.moire, ("smooth", "rescaled", "arc"), 90),
    "brushed": Family(irregular.brushed, ("scratch", "arc", "rotated"), 90),
    "cloth": Family(irregular.cloth, ("spots", "stain", "scratch"), 90),
    "radial": Family(regular.radial, ("scratch", "arc", "stain"), 90),
    "noise": Family(irregular.noise, ("ruled", "smooth", "rescaled"), 90),
    "grain": Family(irregular.grain, ("band", "rescaled", "smooth"), 90),
    "woven": Family(regular.woven, ("missing", "smooth", "stain"), 45),
    "striped": Family(regular.striped, ("missing", "arc", "rotated", "stain"), 90),
    "cellular": Family(regular.cellular, ("smooth", "rescaled", "spots"), 90),
    "cloudy": Family(irregular.cloudy, ("scratch", "spots", "ruled"), 90),
    "perforated": Family(machined.perforated, ("scratch", "stain", "spots"), 30),
    "knurled": Family(machined.knurled, ("smooth", "scratch", "rotated"), 90),
    "terrazzo": Family(machined.terrazzo, ("arc", "rescaled", "ruled"), 90),
}


def families() -> tuple[str, ...]:
    """Names of the surface families, in the order in which `make_patterns` cycles."""
    return tuple(FAMILIES)


def draw(
    spec: PatternSpec,
    index: int,
    size: tuple[int, int],
    defect: bool,
    seed: int,
    defect_size: float = 1.0,
    contrast: float = 1.0,
    drift: float = 0.0,
    kinds: tuple[str, ...] | None = None,
) -> Drawn:
    """Return picture `index` of a pattern, `size` = (height, width) in pixels.

    With and without a defect the surface is the same to the last bit. `defect_size` and
    `contrast` multiply the defect's lengths and strength; `drift` (0 none, 1 strong) changes
    the light and the scale of the texture. Of the family's kinds of defect those in `kinds` are
    drawn, or all. InputError for an unknown family or kind and for an impossible size.
    """
    check_drawable(spec.family, size, defect_size, contrast)
    possible = defect_kinds(spec.family, kinds)
    family = FAMILIES[spec.family]
    own, rng, damage, camera = _streams(spec, index, seed)
    drifted = replace(spec, scale=spec.scale * float(np.exp(0.25 * drift)))
    surface = family.surface(size, drifted, own, rng)
    surface = replace(surface, grey=_lit(surface.grey + spec.tone, spec, drift, rng))
    grey, mask, kind = surface.grey, np.zeros(size, bool), None
    if defect:
        kind = possible[int(damage.integers(len(possible)))]
        grey, mask = add_defect(surface, kind, defect_size, contrast, damage)
    exposed = grey + 1.5 * white(size, camera)
    return Drawn(np.clip(exposed + 0.5, 0, 255).astype(np.uint8), mask, kind)


def defect_kinds(family: str, chosen: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return the chosen kinds of defect that the family shows, or all; InputError if none."""
    every = FAMILIES[family].kinds
    possible = every if chosen is None else tuple(kind for kind in every if kind in chosen)
    if not possible:
        raise InputError(
            f"{family} shows none of the defects asked for ({', '.join(chosen or ())}); "
            f"it can show: {', '.join(every)}"
        )
    return possible


def check_drawable(family: str, size: tuple[int, int], defect_size: float, contrast: float) -> None:
    """Raise InputError for what cannot be drawn."""
    if family not in FAMILIES:
        raise InputError(f"unknown surface family {family!r}; known are: {', '.join(FAMILIES)}")
    if min(size) < SMALLEST:
        raise InputError(
            f"pictures must be at least {SMALLEST} pixels on a side, found {size[0]}x{size[1]}"
        )
    if not (defect_size > 0 and contrast > 0):
        raise InputError(
            "defect size and contrast are multipliers above 0 (1.0 is usual), "
            f"found {defect_size} and {contrast}"
        )


def _streams(spec: PatternSpec, index: int, seed: int) -> tuple[Rng, Rng, Rng, Rng]:
    """Random streams of the pattern, and of the image's surface, defect and camera."""
    keys = [[spec.seed, 0]] + [[spec.seed, 1, seed, index, part] for part in range(3)]
    own, surface, damage, camera = (
        np.random.Generator(np.random.SFC64(np.random.SeedSequence(key))) for key in keys
    )
    return own, surface, damage, camera


def _lit(grey: np.ndarray, spec: PatternSpec, drift: float, rng: Rng) -> np.ndarray:
    """Uneven light: a gain of its own for every image, a slope, and the drift of the lamp."""
    height, width = grey.shape
    y, x = grid((height, width))
    gain, down, across = rng.normal(0, 0.025, 3)
    side = 1 if spec.seed % 2 else -1
    gain, across = gain - 0.12 * drift, across + side * 0.2 * drift
    light = 1 + gain + down * (2 * y / height) + across * (2 * x / width)
    lit: np.ndarray = grey * light.astype(np.float32)
    return lit
