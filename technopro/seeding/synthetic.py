"""Defects drawn onto tonight's own images: what heads and rounds learn from.

Each kind changes a blob or a thin line of the surface and leaves the rest untouched:
`cut` pastes a turned piece from elsewhere (CutPaste, Li et al. 2021, arXiv:2104.04015), `zoom` a
rescaled one, `smooth` blurs, `stain` shifts the brightness, `scratch` does so along a line, and
`scar` draws a line of one colour. The thinnest line is a hair, however large the picture.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image
from scipy import ndimage

VISIBLE = 6  # grey levels
EACH = 3  # defects on an image
HAIR = 0.4  # pixels; with its soft edges the thinnest line is 1.2 wide
Painter = Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray]


def draw_defects(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a copy with three defects."""
    for _ in range(EACH):
        image = draw_defect(image, rng)
    return image


def draw_defect(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a copy of a (H, W, 3) uint8 image with one defect drawn onto it."""
    kind = KINDS[int(rng.integers(len(KINDS)))]
    shape = image.shape[:2]
    mask = _line(shape, rng) if kind in LINES else _blob(shape, rng)
    surface = image.astype(np.float32)
    changed = kind(surface, mask, rng)
    alpha = (mask * rng.uniform(0.5, 1.0))[..., None]
    return np.asarray(np.clip(surface * (1 - alpha) + changed * alpha, 0, 255).astype(np.uint8))


def changed_share(before: np.ndarray, after: np.ndarray, grid: tuple[int, int]) -> np.ndarray:
    """Return how much of each cell of `grid` (h, w) a defect has changed visibly: 0 to 1."""
    difference = np.abs(after.astype(np.int16) - before).max(2)
    h, w = grid
    cells = (difference > VISIBLE).reshape(h, before.shape[0] // h, w, before.shape[1] // w)
    return np.asarray(cells.mean((1, 3)), dtype=np.float32)


def _blob(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """A soft-edged ellipse with a ragged outline, 0.03 to 4 % of the area: (H, W) in 0..1."""
    height, width = shape
    area = height * width * _between(0.0003, 0.04, rng)
    stretch = np.exp(rng.uniform(-0.9, 0.9))
    a, b = np.sqrt(area / np.pi * stretch), np.sqrt(area / np.pi / stretch)
    y, x = _turned_grid(shape, rng)
    ragged = 0.25 * _lumps(shape, max(2.0, b / 3), rng)
    distance = np.sqrt((x / a) ** 2 + (y / b) ** 2) + ragged
    return np.asarray(np.clip((1.15 - distance) / 0.3, 0, 1), np.float32)


def _lumps(shape: tuple[int, int], size: float, rng: np.random.Generator) -> np.ndarray:
    """Smooth noise of unit variance with lumps of about `size` pixels: (H, W)."""
    step = max(1, int(size / 2))
    small = tuple(side // step + 3 for side in shape)
    noise = ndimage.gaussian_filter(rng.normal(size=small).astype(np.float32), size / step)
    grown = Image.fromarray(noise).resize(
        (small[1] * step, small[0] * step), Image.Resampling.BILINEAR
    )
    cut = np.asarray(grown)[: shape[0], : shape[1]]
    return np.asarray(cut / max(float(cut.std()), 1e-6))


def _line(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """A line from the width of a hair, straight or swaying: (H, W) in 0..1."""
    side = min(shape)
    y, x = _turned_grid(shape, rng)
    length = side * _between(0.08, 0.6, rng)
    half_width = _between(HAIR, max(2 * HAIR, side / 128), rng)
    sway = max(0.0, rng.uniform(-0.1, 0.2)) * length  # a third is straight
    turn, phase = 2 * np.pi / (length * rng.uniform(0.8, 3.0)), rng.uniform(0, 2 * np.pi)
    away = y - sway * (np.sin(turn * x + phase) - np.sin(phase))
    steepness = np.hypot(1.0, sway * turn * np.cos(turn * x + phase))
    ends = np.clip((length / 2 - np.abs(x)) / (4 * half_width) + 0.5, 0, 1)
    return np.asarray(np.clip(half_width + 0.7 - np.abs(away) / steepness, 0, 1) * ends, np.float32)


def _between(low: float, high: float, rng: np.random.Generator) -> float:
    """A number whose logarithm is uniform."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _turned_grid(shape: tuple[int, int], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Pixel coordinates about a random centre, turned by a random angle."""
    height, width = shape
    centre_y, centre_x = rng.uniform(0.08, 0.92) * height, rng.uniform(0.08, 0.92) * width
    angle = rng.uniform(0, np.pi)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    y, x = y - centre_y, x - centre_x
    c, s = np.cos(angle), np.sin(angle)
    return c * y - s * x, s * y + c * x


def _cut(surface: np.ndarray, mask: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    turned = _turned(surface, rng.uniform(25, 155))
    shift = [int(rng.integers(side)) for side in mask.shape]
    return np.asarray(np.roll(turned, shift, axis=(0, 1)))


def _turned(surface: np.ndarray, degrees: float) -> np.ndarray:
    """The surface turned about its middle; the corners hold its mirror image."""
    height, width = surface.shape[:2]
    by = [(height // 2, height // 2), (width // 2, width // 2), (0, 0)]
    wide = Image.fromarray(np.pad(surface, by, mode="reflect").round().astype(np.uint8))
    turned = wide.rotate(degrees, Image.Resampling.BILINEAR)
    left, top = width // 2, height // 2
    return np.asarray(turned.crop((left, top, left + width, top + height)), np.float32)


def _zoom(surface: np.ndarray, mask: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    factor = float(rng.choice([rng.uniform(0.5, 0.75), rng.uniform(1.35, 2.0)]))
    height, width = mask.shape
    rows = (np.arange(height) * factor).astype(int) % height
    columns = (np.arange(width) * factor).astype(int) % width
    return np.asarray(surface[rows][:, columns])


def _smooth(surface: np.ndarray, mask: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    sigma = rng.uniform(1.0, 4.0) * min(mask.shape) / 256
    return np.asarray(ndimage.gaussian_filter(surface, (sigma, sigma, 0)))


def _stain(surface: np.ndarray, mask: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return surface + _brightness_step(surface, rng)


def _scratch(surface: np.ndarray, mask: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return surface + 1.5 * _brightness_step(surface, rng)


def _scar(surface: np.ndarray, mask: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    colour = surface.mean((0, 1)) + 1.5 * _brightness_step(surface, rng)
    return np.broadcast_to(colour, surface.shape)


def _brightness_step(surface: np.ndarray, rng: np.random.Generator) -> float:
    """A step up or down by 0.8 to 2.5 times the surface's own contrast, at least 12 grey levels."""
    contrast = max(float(surface.std()), 12.0)
    return float(rng.choice([-1.0, 1.0]) * rng.uniform(0.8, 2.5) * contrast)


LINES: tuple[Painter, ...] = (_scratch, _scar)
KINDS: tuple[Painter, ...] = (_cut, _zoom, _smooth, _stain, *LINES)
