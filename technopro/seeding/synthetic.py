"""Defects drawn onto tonight's own images: what heads and rounds learn from.

Each kind changes a blob or a thin line of the surface and leaves the rest untouched:
`cut` pastes a turned piece from elsewhere (CutPaste, Li et al. 2021, arXiv:2104.04015), `zoom` a
rescaled one, `smooth` blurs, `stain` shifts the brightness, `scratch` does so along a line, and
`scar` draws a line of one colour. The thinnest line is a hair, however large the picture. Only the
rectangle in which a defect lies is computed: most are a hundredth of the picture.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy import ndimage

VISIBLE = 6  # grey levels
EACH = 3  # defects on an image
HAIR = 0.4  # pixels; with its soft edges the thinnest line is 1.2 wide
RIM = 1.15  # of a blob's radius, where it ends; its softness lies within
TRUNCATED = 4.0  # standard deviations, where scipy ends a Gaussian
Window = tuple[slice, slice]  # rows, columns


@dataclass(frozen=True)
class Spot:
    """Where a defect lies, and how much of it is on each pixel there."""

    window: Window
    mask: np.ndarray  # (h, w) of the window, 0 to 1; around it all is 0


Painter = Callable[[np.ndarray, Spot, np.random.Generator], np.ndarray]


def draw_defects(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a copy with three defects."""
    for _ in range(EACH):
        image = draw_defect(image, rng)
    return image


def draw_defect(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a copy of a (H, W, 3) uint8 image with one defect drawn onto it."""
    kind = KINDS[int(rng.integers(len(KINDS)))]
    shape = (image.shape[0], image.shape[1])
    spot = _line(shape, rng) if kind in LINES else _blob(shape, rng)
    changed = kind(image, spot, rng)
    alpha = (spot.mask * rng.uniform(0.5, 1.0))[..., None]
    surface = image[spot.window].astype(np.float32)
    out = image.copy()
    out[spot.window] = np.clip(surface * (1 - alpha) + changed * alpha, 0, 255).astype(np.uint8)
    return out


def changed_share(before: np.ndarray, after: np.ndarray, grid: tuple[int, int]) -> np.ndarray:
    """Return how much of each cell of `grid` (h, w) a defect has changed visibly: 0 to 1."""
    difference = np.maximum(before, after) - np.minimum(before, after)
    seen = np.maximum.reduce([difference[..., channel] for channel in range(3)]) > VISIBLE
    h, w = grid
    cells = seen.reshape(h, before.shape[0] // h, w, before.shape[1] // w)
    return np.asarray(cells.mean((1, 3)), dtype=np.float32)


def _blob(shape: tuple[int, int], rng: np.random.Generator) -> Spot:
    """A soft-edged ellipse with a ragged outline, 0.03 to 4 % of the area."""
    height, width = shape
    area = height * width * _between(0.0003, 0.04, rng)
    stretch = np.exp(rng.uniform(-0.9, 0.9))
    a, b = np.sqrt(area / np.pi * stretch), np.sqrt(area / np.pi / stretch)
    turn = _Turn.draw(shape, rng)
    ragged = 0.25 * _lumps(shape, max(2.0, b / 3), rng)
    window = turn.around(max(a, b) * (RIM - float(ragged.min())))
    y, x = turn.coordinates(window)
    distance = np.sqrt((x / a) ** 2 + (y / b) ** 2) + ragged[window]
    return Spot(window, np.asarray(np.clip((RIM - distance) / 0.3, 0, 1), np.float32))


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


def _line(shape: tuple[int, int], rng: np.random.Generator) -> Spot:
    """A line from the width of a hair, straight or swaying."""
    side = min(shape)
    turn = _Turn.draw(shape, rng)
    length = side * _between(0.08, 0.6, rng)
    half_width = _between(HAIR, max(2 * HAIR, side / 128), rng)
    sway = max(0.0, rng.uniform(-0.1, 0.2)) * length  # a third is straight
    bend, phase = 2 * np.pi / (length * rng.uniform(0.8, 3.0)), rng.uniform(0, 2 * np.pi)
    far = length / 2 + 2 * half_width, 2 * sway + (half_width + 0.7) * np.hypot(1.0, sway * bend)
    window = turn.around(float(np.hypot(*far)))
    y, x = turn.coordinates(window)
    away = y - sway * (np.sin(bend * x + phase) - np.sin(phase))
    steepness = np.hypot(1.0, sway * bend * np.cos(bend * x + phase))
    ends = np.clip((length / 2 - np.abs(x)) / (4 * half_width) + 0.5, 0, 1)
    mask = np.clip(half_width + 0.7 - np.abs(away) / steepness, 0, 1) * ends
    return Spot(window, np.asarray(mask, np.float32))


def _between(low: float, high: float, rng: np.random.Generator) -> float:
    """A number whose logarithm is uniform."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


@dataclass(frozen=True)
class _Turn:
    """Coordinates about a centre within an image, turned by an angle."""

    shape: tuple[int, int]
    centre: tuple[float, float]  # row, column
    angle: float

    @classmethod
    def draw(cls, shape: tuple[int, int], rng: np.random.Generator) -> _Turn:
        row, column = (rng.uniform(0.08, 0.92) * side for side in shape)
        return cls(shape, (row, column), rng.uniform(0, np.pi))

    def around(self, radius: float) -> Window:
        """Return the window that holds every pixel of the image so near to the centre."""
        rows, columns = (
            slice(max(0, math.floor(at - radius)), min(side, math.ceil(at + radius) + 1))
            for at, side in zip(self.centre, self.shape, strict=True)
        )
        return rows, columns

    def coordinates(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return y and x of every pixel of a window, (h, w) each."""
        y, x = (
            grid - at
            for grid, at in zip(np.mgrid[window].astype(np.float32), self.centre, strict=True)
        )
        c, s = np.cos(self.angle), np.sin(self.angle)
        return c * y - s * x, s * y + c * x


def _cut(image: np.ndarray, spot: Spot, rng: np.random.Generator) -> np.ndarray:
    turned = _turned(image, math.radians(rng.uniform(25, 155)))
    rows, columns = (
        (np.arange(side)[part] - int(rng.integers(side))) % side
        for side, part in zip(image.shape, spot.window, strict=False)
    )
    return np.asarray(turned[rows][:, columns], np.float32)


def _turned(image: np.ndarray, angle: float) -> np.ndarray:
    """The image turned about its middle, radians; the corners hold its mirror image."""
    height, width = image.shape[:2]
    beyond = [(height // 2, height // 2), (width // 2, width // 2), (0, 0)]
    wide = Image.fromarray(np.pad(image, beyond, mode="reflect"))
    x, y = wide.width / 2, wide.height / 2
    left, top = width // 2 - x, height // 2 - y
    c, s = math.cos(angle), math.sin(angle)
    back = (c, -s, c * left - s * top + x, s, c, s * left + c * top + y)
    turned = wide.transform(
        (width, height), Image.Transform.AFFINE, back, Image.Resampling.BILINEAR
    )
    return np.asarray(turned)


def _zoom(image: np.ndarray, spot: Spot, rng: np.random.Generator) -> np.ndarray:
    factor = float(rng.choice([rng.uniform(0.5, 0.75), rng.uniform(1.35, 2.0)]))
    rows, columns = (
        (np.arange(side)[part] * factor).astype(int) % side
        for side, part in zip(image.shape, spot.window, strict=False)
    )
    return np.asarray(image[rows][:, columns], np.float32)


def _smooth(image: np.ndarray, spot: Spot, rng: np.random.Generator) -> np.ndarray:
    height, width = image.shape[:2]
    sigma = rng.uniform(1.0, 4.0) * min(height, width) / 256
    reach = int(TRUNCATED * sigma + 0.5)
    starts = [max(0, part.start - reach) for part in spot.window]
    wider = tuple(
        slice(at, part.stop + reach) for at, part in zip(starts, spot.window, strict=True)
    )
    smoothed = ndimage.gaussian_filter(
        image[wider].astype(np.float32), (sigma, sigma, 0), truncate=TRUNCATED
    )
    own = (
        slice(part.start - at, part.stop - at) for at, part in zip(starts, spot.window, strict=True)
    )
    return np.asarray(smoothed[tuple(own)])


def _stain(image: np.ndarray, spot: Spot, rng: np.random.Generator) -> np.ndarray:
    return image[spot.window] + np.float32(_brightness_step(image, rng))


def _scratch(image: np.ndarray, spot: Spot, rng: np.random.Generator) -> np.ndarray:
    return image[spot.window] + np.float32(1.5 * _brightness_step(image, rng))


def _scar(image: np.ndarray, spot: Spot, rng: np.random.Generator) -> np.ndarray:
    colour = image.astype(np.float32).mean((0, 1))
    return np.asarray(colour + 1.5 * _brightness_step(image, rng))


def _brightness_step(image: np.ndarray, rng: np.random.Generator) -> float:
    """A step up or down by 0.8 to 2.5 times the image's own contrast, at least 12 grey levels."""
    contrast = max(float(image.astype(np.float32).std()), 12.0)
    return float(rng.choice([-1.0, 1.0]) * rng.uniform(0.8, 2.5) * contrast)


LINES: tuple[Painter, ...] = (_scratch, _scar)
KINDS: tuple[Painter, ...] = (_cut, _zoom, _smooth, _stain, *LINES)
