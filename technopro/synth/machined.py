"""Surfaces from a tool or a press: perforated sheet, knurled metal, terrazzo.

Each function draws one image of a pattern: `own` gives the pattern's parameters (it starts anew
for every image), `rng` what differs from image to image. Lengths are in pixels.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from .fields import Shape, filtered, gaussian, grid, soft, stretched, turned
from .specs import PatternSpec, Surface

Rng = np.random.Generator
TURN = np.float32(2 * np.pi)


def perforated(shape: Shape, spec: PatternSpec, own: Rng, rng: Rng) -> Surface:
    """Punched sheet: round dark holes with a lit rim, in rows set off by half a step."""
    pitch = own.uniform(22, 32) * spec.scale
    hole = pitch * own.uniform(0.24, 0.34)
    v, u = _laid(shape, spec.angle_deg + rng.normal(0, 0.4), rng)
    v = v + rng.uniform(0, pitch)
    row = np.floor(v / (pitch * 0.866))
    across = u / pitch + 0.5 * (row % 2) + rng.random()
    y = v - (row + 0.5) * pitch * np.float32(0.866)
    x = (across - np.floor(across) - 0.5) * pitch
    inside = expit((hole - np.sqrt(y * y + x * x)) / 0.9)
    rim = inside * (1 - inside) * 4 * np.tanh((x - y) / hole)
    fine, rolled = filtered(shape, rng, gaussian(0.8)), soft(shape, rng, 50)
    sheet = 165 + spec.contrast * (8 * fine + 6 * rolled)
    return Surface((sheet * (1 - 0.8 * inside) + 30 * spec.contrast * rim).astype(np.float32))


def knurled(shape: Shape, spec: PatternSpec, own: Rng, rng: Rng) -> Surface:
    """Diamonds where two sets of slanted cuts cross, shining towards the light."""
    period, slant = own.uniform(13, 19) * spec.scale, own.uniform(25, 40)
    v, u = _laid(shape, spec.angle_deg + rng.normal(0, 0.5), rng)
    first = _cut(*turned(v, u, slant), period, rng)
    second = _cut(*turned(v, u, -slant), period, rng)
    lit = 26 * first - 20 * second + 18 * np.minimum(first, second)
    worn, fine = soft(shape, rng, 60), filtered(shape, rng, gaussian(0.7))
    return Surface(120 + spec.contrast * (lit * (1 + 0.12 * worn) + 7 * fine + 5 * worn))


def terrazzo(shape: Shape, spec: PatternSpec, own: Rng, rng: Rng) -> Surface:
    """Light and dark chips of two sizes, pressed flat one way, in a grey ground."""
    ground = 135 + 7 * filtered(shape, rng, gaussian(0.9)) + 5 * soft(shape, rng, 80)
    chips = np.zeros(shape, np.float32)
    flat = own.uniform(1.2, 2.2)
    for size, height in ((own.uniform(4, 9), 1.0), (own.uniform(1.8, 3.5), 0.6)):
        across = size * spec.scale
        field = filtered(shape, rng, stretched(flat * across, across, spec.angle_deg))
        edge = own.uniform(0.9, 1.5)
        chips += height * (_step(field - edge) - _step(-field - edge))
    return Surface((ground + spec.contrast * 48 * chips).astype(np.float32))


def _laid(shape: Shape, angle_deg: float, rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates along and across a direction, of a part laid down nearly in its place."""
    y, x = grid(shape)
    return turned(y + rng.normal(0, 6), x + rng.normal(0, 6), angle_deg)


def _cut(v: np.ndarray, u: np.ndarray, period: float, rng: Rng) -> np.ndarray:
    """A flat-topped wave across a direction, -1 to 1; `v` runs along it."""
    wobble = 0.02 * np.sin(v / np.float32(40) + np.float32(rng.uniform(0, TURN)))
    wave = np.sin(TURN * (u / np.float32(period) + wobble) + np.float32(rng.uniform(0, TURN)))
    return np.asarray(np.tanh(1.6 * wave))


def _step(field: np.ndarray) -> np.ndarray:
    return np.asarray(expit(field / 0.06))
