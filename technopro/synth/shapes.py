"""Where a defect lies: soft-edged outlines in a window about its centre, values 0 to 1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

Shape = tuple[int, int]
Rng = np.random.Generator
FAINTEST = 0.1  # a thinner trace of a defect is left out, so that the mask is exact


@dataclass(frozen=True)
class Site:
    """A window of the picture with the outline of a defect in it."""

    rows: slice
    columns: slice
    alpha: np.ndarray  # (h, w) float32, 1 in the defect and 0 outside


def unit(shape: Shape) -> float:
    """Length that counts as one pixel of a 512 picture; grows with the root of the side.

    So a defect takes a fitting share of a small crop and of a large picture alike.
    """
    return float(np.sqrt(min(shape) / 512))


def blob(shape: Shape, rng: Rng, radius: float, ragged: float = 0.2) -> Site:
    """A ragged ellipse of about `radius` pixels."""
    stretch = np.exp(rng.uniform(-0.4, 0.4))
    site, y, x = _window(shape, rng, 1.7 * radius * max(stretch, 1 / stretch))
    noise = ndimage.gaussian_filter(rng.normal(size=y.shape).astype(np.float32), radius / 4)
    noise *= ragged / max(float(noise.std()), 1e-6)
    distance = np.hypot(x * stretch, y / stretch) / radius + noise
    return _with(site, (1 - distance) * radius / 3 + 0.5)


def line(shape: Shape, rng: Rng, length: float, width: float, bend: float) -> Site:
    """A thin line; `bend` is the angle it turns through, in radians (0: straight)."""
    site, y, x = _window(shape, rng, length / 2 + width + 2)
    if abs(bend) > 0.05:
        radius = length / bend
        across = np.hypot(x, y - radius) - abs(radius)
        along = np.abs(np.arctan2(x, np.sign(radius) * (radius - y))) * abs(radius)
    else:
        across, along = y, np.abs(x)
    profile = np.clip(width / 2 + 0.5 - np.abs(across), 0, 1)
    return _with(site, profile * np.clip((length / 2 - along) / (2 * width) + 0.5, 0, 1))


def specks(shape: Shape, rng: Rng, radius: float, share: float) -> Site:
    """Small specks flocking about a point; `share` of the middle is covered."""
    site, y, x = _window(shape, rng, 1.8 * radius)
    noise = ndimage.gaussian_filter(rng.normal(size=y.shape).astype(np.float32), 0.9)
    lumps = ndimage.gaussian_filter(rng.normal(size=y.shape).astype(np.float32), radius / 4)
    field = noise / max(float(noise.std()), 1e-6) + lumps / max(float(lumps.std()), 1e-6)
    field -= 2.2 * ((x / 1.4) ** 2 + y**2) / radius**2
    level = np.quantile(field, 1 - share * np.pi * radius**2 / field.size)
    return _with(site, (field - level) * 3)


def lines_missing(shape: Shape, rng: Rng, lines: np.ndarray, length: float, count: int) -> Site:
    """`count` neighbouring lines of a surface over `length` pixels."""
    site, y, x = _window(shape, rng, length / 2 + 2)
    part = lines[site.rows, site.columns]
    middle = np.unravel_index(np.argmin(np.hypot(y, x)), y.shape)
    first = np.floor(part[middle])
    inside = np.minimum(part - first, first + count - part)
    slope = max(float(np.abs(np.diff(lines[:, :64], axis=1)).mean()), 1e-3)
    along = np.clip((length / 2 - np.hypot(y, x)) / 4 + 0.5, 0, 1)
    return _with(site, np.clip(inside / slope / 2 + 0.5, 0, 1) * along)


def band(shape: Shape, rng: Rng, width: float) -> Site:
    """A wide band through the picture, ragged at its sides."""
    site, y, x = _window(shape, rng, 1.5 * max(shape))
    noise = ndimage.gaussian_filter(rng.normal(size=y.shape).astype(np.float32), width / 5)
    noise *= 0.25 * width / max(float(noise.std()), 1e-6)
    reach = max(shape) * rng.uniform(0.4, 0.8)
    ends = np.clip((reach - np.abs(x)) / width + 0.5, 0, 1)
    return _with(site, np.clip((width / 2 - np.abs(y) + noise) / width * 2.5 + 0.5, 0, 1) * ends)


def _window(shape: Shape, rng: Rng, reach: float) -> tuple[Site, np.ndarray, np.ndarray]:
    """A window of `reach` pixels about a random point, and turned coordinates in it."""
    cy, cx = (round(float(rng.uniform(0.08, 0.92)) * side) for side in shape)
    rows = slice(max(0, int(cy - reach)), min(shape[0], int(cy + reach) + 1))
    columns = slice(max(0, int(cx - reach)), min(shape[1], int(cx + reach) + 1))
    y = np.arange(rows.start, rows.stop, dtype=np.float32)[:, None] - cy
    x = np.arange(columns.start, columns.stop, dtype=np.float32)[None, :] - cx
    angle = rng.uniform(0, 2 * np.pi)
    c, s = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return Site(rows, columns, np.empty(0)), y * c + x * s, x * c - y * s


def _with(site: Site, alpha: np.ndarray) -> Site:
    alpha = np.clip(alpha, 0, 1)
    return Site(site.rows, site.columns, np.where(alpha < FAINTEST, 0, alpha).astype(np.float32))
