"""Draw up any number of patterns, those of one family well apart from each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..errors import InputError
from .picture import FAMILIES, families
from .specs import PatternSpec

# Additive recurrence of the plastic number (Roberts, 2018): successive patterns of a family
# fill the square of (scale, angle) evenly; the golden ratio does the same for the tone.
STEPS = np.array([0.7548776662, 0.5698402910, 0.6180339887])
SCALE_SPAN = 0.35  # natural logarithm either way
TONE_SPAN = 16.0  # grey levels either way


def make_patterns(count: int, seed: int, chosen: Sequence[str] | None = None) -> list[PatternSpec]:
    """Return `count` patterns, cycling through all families or the `chosen` ones.

    The first patterns do not change when `count` grows. InputError for a count below 1 or an
    unknown family.
    """
    if count < 1:
        raise InputError(f"at least one pattern is needed, found {count}")
    names = checked_families(chosen)
    return [_pattern(names[i % len(names)], i // len(names), i, seed) for i in range(count)]


def checked_families(chosen: Sequence[str] | None) -> tuple[str, ...]:
    """Return the chosen families, or all; InputError names the known ones."""
    unknown = [name for name in chosen or () if name not in FAMILIES]
    if unknown or (chosen is not None and not chosen):
        found = ", ".join(map(repr, unknown)) or "none"
        raise InputError(f"unknown surface family {found}; known are: {', '.join(FAMILIES)}")
    return tuple(chosen) if chosen else families()


def _pattern(family: str, turn: int, number: int, seed: int) -> PatternSpec:
    family_number = families().index(family)
    rng = np.random.default_rng(np.random.SeedSequence([seed, 7, family_number]))
    place = (rng.random(3) + turn * STEPS) % 1.0
    own_seed = int(np.random.SeedSequence([seed, 8, number, family_number]).generate_state(1)[0])
    return PatternSpec(
        name=f"{family}-{turn + 1}",
        family=family,
        seed=own_seed,
        scale=float(np.exp(SCALE_SPAN * (2 * place[0] - 1))),
        angle_deg=float(FAMILIES[family].turns_deg * (2 * place[1] - 1)),
        tone=float(TONE_SPAN * (2 * place[2] - 1)),
        contrast=float(0.85 + 0.3 * ((place[0] + place[2]) % 1.0)),
    )
