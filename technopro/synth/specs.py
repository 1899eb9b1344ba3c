"""What is drawn: the identity of a pattern, the surface of one image, and the finished picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class PatternSpec:
    """One product pattern: a family of surfaces with its own parameters.

    `seed` fixes the family's remaining parameters; the four figures set patterns of one family
    visibly apart.
    """

    name: str
    family: str
    seed: int
    scale: float = 1.0  # multiplies the texture's size in pixels
    angle_deg: float = 0.0  # turns the texture, where the family has a direction
    tone: float = 0.0  # added to the mean, grey levels
    contrast: float = 1.0  # multiplies the texture's amplitude


@dataclass(frozen=True)
class Surface:
    """A flawless surface before light and camera."""

    grey: np.ndarray  # (H, W) float32, grey levels 0 to 255, not clipped
    lines: np.ndarray | None = None  # (H, W) float32, number of the line a pixel lies on


@dataclass(frozen=True)
class Drawn:
    """One picture with its truth."""

    image: np.ndarray  # (H, W) uint8
    mask: np.ndarray  # (H, W) bool, true on the defect
    kind: str | None  # kind of the defect; None for a clean picture
