"""Surfaces with an order in them: moiré rings, embossed rays, weave, stripes, cells.

Each function draws one image of a pattern: `own` gives the pattern's parameters (it starts anew
for every image), `rng` what differs from image to image. Lengths are in pixels.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from .fields import Shape, enlarged, filtered, gaussian, grid, soft, turned, white
from .specs import PatternSpec, Surface

Rng = np.random.Generator
TURN = np.float32(2 * np.pi)


def moire(shape: Shape, spec: PatternSpec, own: Rng, rng: Rng) -> Surface:
    """Two sets of fine rings about moving centres; where they beat, coarse figures appear."""
    y, x = grid(shape)
    y, x = turned(y, x, spec.angle_deg)
    period = own.uniform(3.4, 4.2) * spec.scale
    away, mix = own.uniform(40, 110), own.uniform(0.3, 0.7)
    centre = rng.normal(0, 45, 2)
    first = _rings(y - centre[0], x - centre[1] - away, period, rng)
    second = _rings(y - centre[0], x - centre[1] + away, period * rng.uniform(0.97, 1.03), rng)
    cross = _rings(y - centre[0] - away, x - centre[1], period * own.uniform(0.8, 0.95), rng)
    waves = first * second + mix * cross * (0.5 + first)
    shade = 1 + 0.25 * soft(shape, rng, 90)
    film = filtered(shape, rng, gaussian(0.5))
    return Surface(68 + spec.contrast * (40 * shade * (waves + 0.5 * waves**2 - 0.2) + 4 * film))


def radial(shape: Shape, spec: PatternSpec, own: Rng, rng: Rng) -> Surface:
    """Rays embossed from about the middle, lit from one side, on a rough sheet."""
    y, x = grid(shape)
    y, x = y - rng.normal(0, 5), x - rng.normal(0, 5)
    radius = np.sqrt(y * y + x * x)
    rays = _rays(y, x, radius, int(own.integers(150, 250) / spec.scale), rng)
    rough = filtered(shape, rng, gaussian(1.3 * spec.scale))
    coarse = filtered(shape, rng, gaussian(5.0 * spec.scale))
    light = np.radians(own.uniform(0, 360) + spec.angle_deg)
    height = 5.0 * rays * np.minimum(radius / 30, 1) + 2.2 * rough + 3.0 * coarse
    across = _slope(height, 1) * np.float32(np.cos(light))
    down = _slope(height, 0) * np.float32(np.sin(light))
    hub = 40 * np.exp(-((radius / (9 * spec.scale)) ** 2))
    return Surface(172 + spec.contrast * (11 * (across + down) - hub))


def woven(shape: Shape, spec: PatternSpec, own: Rng, rng: Rng) -> Surface:
    """Threads over and under each other; every thread has its own thickness and brightness."""
    period = own.uniform(7, 9) * spec.scale
    twill = int(own.integers(2, 5))  # the over-and-under repeats every `twill` threads
    v, u = _bent(shape, spec.angle_deg + rng.normal(0, 0.8), 0.35 * period, rng)
    warp, weft = u / period + rng.random(), v / period * own.uniform(0.75, 1.1) + rng.random()
    column, row = np.floor(warp), np.floor(weft)
    over = (column + row * (1 if twill < 4 else 2)) % twill < twill / 2
    round_warp, round_weft = _rounding(warp - column), _rounding(weft - row)
    bodies = np.where(over, 34 * round_warp, 28 * round_weft - 12)
    tint = np.where(over, _each(column, 7, rng), _each(row, 7, rng))
    fibres = filtered(shape, rng, gaussian(0.8))
    grey = 118 + spec.contrast * (bodies + tint + 8 * fibres + 6 * soft(shape, rng, 45))
    return Surface(grey.astype(np.float32), lines=warp)


def striped(shape: Shape, spec: PatternSpec, own: Rng, rng: Rng) -> Surface:
    """Ribs side by side, a little uneven in height and place, on a dull rough ground."""
    period = own.uniform(10, 15) * spec.scale
    _, u = _bent(shape, spec.angle_deg + rng.normal(0, 1.0), 0.3 * period, rng)
    lines = u / period + rng.random()
    number = np.floor(lines)
    sharpness = own.uniform(0.8, 2.2)
    rib = np.tanh(sharpness * np.cos(TURN * (lines - number - 0.5)))
    second = own.uniform(0.0, 0.5) * np.cos(2 * TURN * lines)
    height = (rib + second) * (1 + 0.12 * _each(number, 1, rng)) + 0.1 * _each(number, 1, rng)
    fine, wide = filtered(shape, rng, gaussian(0.7)), soft(shape, rng, 60)
    along = filtered(shape, rng, gaussian(3.0 * spec.scale))
    return Surface(
        120 + spec.contrast * (27 * height + 9 * fine + 6 * along + 6 * wide), lines=lines
    )


def cellular(shape: Shape, spec: PatternSpec, own: Rng, rng: Rng) -> Surface:
    """Leather: cells of uneven size parted by dark grooves (Worley, SIGGRAPH 1996)."""
    size = own.uniform(15, 22) * spec.scale
    v, u = _bent(shape, spec.angle_deg, 0.3 * size, rng)
    v = v * np.float32(own.uniform(0.65, 1.0))
    nearest, second, tint = (
        enlarged(field, shape, 2) for field in _worley(v[::2, ::2] / size, u[::2, ::2] / size, rng)
    )
    groove = np.exp(-(second - nearest) * own.uniform(5.0, 9.0))
    dome = 1 - nearest
    fine, wide = filtered(shape, rng, gaussian(0.9)), soft(shape, rng, 70)
    grey = 125 + spec.contrast * (20 * dome + 5 * tint - 55 * (groove - 0.3) + 8 * fine + 7 * wide)
    return Surface(grey.astype(np.float32))


def _rings(y: np.ndarray, x: np.ndarray, period: float, rng: Rng) -> np.ndarray:
    start = np.float32(rng.uniform(0, TURN))
    waves: np.ndarray = np.sin(np.sqrt(y * y + x * x) * (TURN / np.float32(period)) + start)
    return waves


def _rays(y: np.ndarray, x: np.ndarray, radius: np.ndarray, count: int, rng: Rng) -> np.ndarray:
    """Ridges of random direction, length and height, drawn in polar coordinates: (H, W)."""
    step, bins = 8, 1440  # pixels outwards, parts of the circle
    reach = step * np.arange(int(radius.max()) // step + 2)[:, None]
    places, ends = rng.choice(bins, count, replace=False), rng.uniform(70, 420, count)
    heights = rng.gamma(3.5, 0.28, count) * rng.choice([-1, 1, 1], count)
    polar = np.zeros((len(reach), bins), np.float32)
    polar[:, places] = heights * np.clip((ends - reach) / 50, 0, 1)
    polar = ndimage.gaussian_filter1d(polar, 1.7, axis=1, mode="wrap") * 4.3
    column = np.arctan2(y, x) * np.float32(bins / 2 / np.pi) + np.float32(bins / 2)
    places_in_polar = [radius / np.float32(step), column]
    rays: np.ndarray = ndimage.map_coordinates(polar, places_in_polar, order=1, mode="grid-wrap")
    return rays


def _slope(height: np.ndarray, axis: int) -> np.ndarray:
    """Half the difference between the two neighbours; 0 at the border."""
    slope = np.zeros_like(height)
    rows, columns = np.moveaxis(height, axis, 0), np.moveaxis(slope, axis, 0)
    columns[1:-1] = (rows[2:] - rows[:-2]) / 2
    return slope


def _bent(shape: Shape, angle_deg: float, amount: float, rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates along and across a direction, bent by `amount` pixels: both (H, W)."""
    y, x = grid(shape)
    v, u = turned(y, x, angle_deg)
    return v + amount * soft(shape, rng, 80), u + amount * soft(shape, rng, 80)


def _rounding(part: np.ndarray) -> np.ndarray:
    """Height of a round thread from the part of its width passed (0 to 1)."""
    height: np.ndarray = 4 * part * (1 - part) - 0.5
    return height


def _each(number: np.ndarray, amount: float, rng: Rng) -> np.ndarray:
    """One normal value for every line number: (H, W)."""
    first = int(number.min())
    values = amount * white((int(number.max()) - first + 1, 1), rng)[:, 0]
    return values[(number - first).astype(np.intp)]


def _worley(v: np.ndarray, u: np.ndarray, rng: Rng) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distances to the nearest and the second nearest point, and a value for each cell."""
    row, column = np.floor(v).astype(np.intp), np.floor(u).astype(np.intp)
    row, column = row - row.min() + 1, column - column.min() + 1
    width = int(column.max()) + 2
    count = (int(row.max()) + 2) * width
    jitter = rng.uniform(0.0, 1.0, (2, count)).astype(np.float32)
    tints = white((count, 1), rng)[:, 0]
    part_v, part_u = v - np.floor(v), u - np.floor(u)
    nearest = np.full(v.shape, 9, np.float32)
    second, tint = nearest.copy(), np.zeros_like(nearest)
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            cell = (row + down) * width + column + right
            far = (jitter[0][cell] + (down - part_v)) ** 2
            far += (jitter[1][cell] + (right - part_u)) ** 2
            closer = far < nearest
            second = np.where(closer, nearest, np.minimum(second, far))
            tint = np.where(closer, tints[cell], tint)
            nearest = np.minimum(nearest, far)
    return np.sqrt(nearest), np.sqrt(second), tint
