"""Surfaces made of noise: brushed metal, cloth, fine noise, coarse grain, clouds.

Each function draws one image of a pattern: `own` gives the pattern's parameters (it starts anew
for every image), `rng` what differs from image to image. Lengths are in pixels.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from .fields import Shape, enlarged, filtered, gaussian, grid, soft, stretched, turned, white
from .specs import PatternSpec, Surface

Rng = np.random.Generator


def brushed(shape: Shape, spec: PatternSpec, own: Rng, rng: Rng) -> Surface:
    """Long fine streaks of high contrast, slightly turned and stretched in every image."""
    along, across = own.uniform(7, 11) * spec.scale, own.uniform(0.6, 0.85) * spec.scale
    angle = spec.angle_deg + rng.normal(0, 2.5)
    body = stretched(along * rng.uniform(0.9, 1.15), across, angle)
    wide = stretched(along, 5 * across, angle)
    streaks = filtered(shape, rng, lambda fy, fx: body(fy, fx) - 0.85 * wide(fy, fx))
    patches = 0.25 * soft(shape, rng, 40 * spec.scale)
    bright = rng.uniform(-0.15, 0.15)
    return Surface(
        128 + 95 * spec.contrast * np.tanh(0.95 * streaks + patches * 0.4 + bright - 0.25)
    )


def cloth(shape: Shape, spec: PatternSpec, own: Rng, rng: Rng) -> Surface:
    """Soft blotches over a faint weave, with a light side and a dark side fixed by the pattern."""
    size = own.uniform(2.6, 4.2) * spec.scale
    blotches = filtered(shape, rng, stretched(size, size * own.uniform(1.1, 1.8), spec.angle_deg))
    fine = filtered(shape, rng, gaussian(0.6))
    weave = _threads(shape, spec, rng)
    grey = 130 + spec.contrast * (14 * blotches + 11 * fine + 4 * weave)
    return Surface(grey + spec.contrast * 22 * _side_light(shape, own, rng))


def noise(shape: Shape, spec: PatternSpec, own: Rng, rng: Rng) -> Surface:
    """Fine noise, a little stretched, on wide clouds."""
    stretch = own.uniform(1.3, 2.0)
    size = own.uniform(0.55, 0.8) * spec.scale
    fine = filtered(shape, rng, stretched(size * stretch, size, spec.angle_deg))
    middle = filtered(shape, rng, gaussian(3.0 * spec.scale))
    clouds = soft(shape, rng, own.uniform(28, 50) * spec.scale)
    wide = soft(shape, rng, 110 * spec.scale)
    grey = 124 + spec.contrast * (19 * fine + 10 * middle + 6 * clouds + 7 * wide)
    return Surface(grey)


def grain(shape: Shape, spec: PatternSpec, own: Rng, rng: Rng) -> Surface:
    """Nearly black and white specks in flocks."""
    fine = filtered(shape, rng, gaussian(own.uniform(0.55, 0.75) * spec.scale))
    flocks = filtered(shape, rng, gaussian(own.uniform(2.6, 4.0) * spec.scale))
    wide = soft(shape, rng, 70 * spec.scale)
    height = 0.85 * fine + 0.8 * flocks + 0.3 * wide - own.uniform(0.15, 0.4)
    return Surface(112 + 98 * spec.contrast * np.tanh(1.5 * height))


def cloudy(shape: Shape, spec: PatternSpec, own: Rng, rng: Rng) -> Surface:
    """Marble: veins where a bent field passes zero, over clouds, with film grain."""
    size = own.uniform(34, 56) * spec.scale
    bend, field = soft(shape, rng, size), soft(shape, rng, size * 0.7)
    detail = soft(shape, rng, size * 0.22)
    y, x = grid(shape)
    _, u = turned(y, x, spec.angle_deg)
    field = field + 0.55 * np.sin(u / size + 1.5 * bend) + 0.35 * detail
    veins = np.exp(-np.abs(field) * own.uniform(2.5, 4.5))
    sign = 1 if own.random() < 0.5 else -1
    film = filtered(shape, rng, gaussian(0.6))
    grey = 128 + spec.contrast * (16 * bend + 8 * detail + sign * 45 * (veins - 0.35) + 5 * film)
    return Surface(grey)


def _threads(shape: Shape, spec: PatternSpec, rng: Rng) -> np.ndarray:
    """A faint weave: rows and columns each with its own brightness."""
    smoothing = 0.8 * spec.scale
    rows = ndimage.gaussian_filter1d(white((shape[0], 1), rng), smoothing, axis=0)
    columns = ndimage.gaussian_filter1d(white((1, shape[1]), rng), smoothing, axis=1)
    both: np.ndarray = (rows + columns) * float(1.5 * np.sqrt(smoothing))
    return both


def _side_light(shape: Shape, own: Rng, rng: Rng) -> np.ndarray:
    """A brightness profile across the picture: the same in every image but for a small shift."""
    knots = ndimage.gaussian_filter1d(own.normal(size=11), 0.8)
    slope = np.linspace(1.0, -1.2, 11) * (1 if own.random() < 0.5 else -1)
    profile = slope + 0.9 * knots + 0.15 * rng.normal(size=11)
    profile = ndimage.gaussian_filter1d(np.pad(profile, 1, mode="edge"), 0.5)
    return enlarged(profile[None].repeat(2, 0), shape, shape[1] / 11)[:1]
