"""What a defect does to the surface it lies on: each kind paints one window of the picture."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import ndimage

from . import shapes
from .shapes import Site
from .specs import Surface

Rng = np.random.Generator
# (surface, size, contrast, rng) -> (outline, changed window (h, w) in grey levels)
Painter = Callable[[Surface, float, float, Rng], tuple[Site, np.ndarray]]
TRIES = 5  # places tried until the defect shows
VISIBLE = 0.4  # mean change inside the outline that is enough, in spreads of the surface
LEAST = 8.0  # and in grey levels; both at contrast 1


def add_defect(
    surface: Surface, kind: str, size: float, contrast: float, rng: Rng
) -> tuple[np.ndarray, np.ndarray]:
    """Return the damaged grey levels (H, W) and the mask (H, W) of the defect.

    A place where the defect would drown (black on black) is passed over for a better one.
    """
    best, change = None, -1.0
    enough = max(VISIBLE * float(surface.grey.std()), LEAST) * min(contrast, 1.0)
    for _ in range(TRIES):
        site, changed = KINDS[kind](surface, size, contrast, rng)
        found = _change(surface, site, changed)
        if found > change:
            best, change = (site, changed), found
        if found >= enough:
            break
    assert best is not None  # noqa: S101 - the first try always counts
    site, changed = best
    grey, mask = surface.grey.copy(), np.zeros(surface.grey.shape, bool)
    mask[site.rows, site.columns] = site.alpha > 0
    grey[mask] = changed[site.alpha > 0]
    return grey, mask


def _change(surface: Surface, site: Site, changed: np.ndarray) -> float:
    """Mean visible change inside the outline, grey levels."""
    inside = site.alpha > 0.25
    if not inside.any():
        return 0.0
    before = np.clip(surface.grey[site.rows, site.columns][inside], 0, 255)
    return float(np.abs(np.clip(changed[inside], 0, 255) - before).mean())


def scratch(surface: Surface, size: float, contrast: float, rng: Rng) -> tuple[Site, np.ndarray]:
    """A straight scratch."""
    return _scratch(surface, size, contrast, rng, bend=rng.uniform(-0.05, 0.05))


def arc(surface: Surface, size: float, contrast: float, rng: Rng) -> tuple[Site, np.ndarray]:
    """A bent scratch."""
    return _scratch(surface, size, contrast, rng, bend=rng.choice([-1, 1]) * rng.uniform(0.6, 2.8))


def stain(surface: Surface, size: float, contrast: float, rng: Rng) -> tuple[Site, np.ndarray]:
    """A soft darker or brighter patch; the texture stays."""
    shape = surface.grey.shape
    site = shapes.blob(shape, rng, rng.uniform(12, 24) * size * shapes.unit(shape), 0.3)
    grey, spread = _around(surface, site)
    shift = rng.choice([-1, -1, 1]) * contrast * max(2.2 * spread, 22.0)
    return site, grey + shift * site.alpha


def spots(surface: Surface, size: float, contrast: float, rng: Rng) -> tuple[Site, np.ndarray]:
    """A flock of bright or dark specks."""
    shape = surface.grey.shape
    site = shapes.specks(shape, rng, rng.uniform(11, 19) * size * shapes.unit(shape), 0.22)
    grey, spread = _around(surface, site)
    level = grey.mean() + rng.choice([-1, 1, 1]) * contrast * max(4.2 * spread, 55.0)
    return site, grey + (level - grey) * site.alpha * 0.85


def smooth(surface: Surface, size: float, contrast: float, rng: Rng) -> tuple[Site, np.ndarray]:
    """A patch where the texture is rubbed away."""
    shape = surface.grey.shape
    site = shapes.blob(shape, rng, rng.uniform(16, 30) * size * shapes.unit(shape))
    grey, _ = _around(surface, site)
    rubbed = ndimage.gaussian_filter(grey, rng.uniform(1.8, 3.8))
    return site, grey + (rubbed - grey) * site.alpha * min(1.0, 0.8 * contrast)


def rescaled(surface: Surface, size: float, contrast: float, rng: Rng) -> tuple[Site, np.ndarray]:
    """A patch of the same texture, too coarse or too fine."""
    factor = rng.choice([0.5, 1.9]) * rng.uniform(0.9, 1.1)
    return _swapped(surface, size, contrast, rng, factor, angle=0.0)


def rotated(surface: Surface, size: float, contrast: float, rng: Rng) -> tuple[Site, np.ndarray]:
    """A patch of the same texture, turned."""
    angle = rng.choice([-1, 1]) * np.radians(rng.uniform(20, 60))
    return _swapped(surface, size, contrast, rng, 1.0, angle)


def ruled(surface: Surface, size: float, contrast: float, rng: Rng) -> tuple[Site, np.ndarray]:
    """A small patch of fine dark parallel lines, as a tool leaves them."""
    shape = surface.grey.shape
    site = shapes.blob(shape, rng, rng.uniform(14, 22) * size * shapes.unit(shape), 0.08)
    grey, spread = _around(surface, site)
    y, x = np.mgrid[: grey.shape[0], : grey.shape[1]].astype(np.float32)
    angle, period = rng.uniform(0, np.pi), rng.uniform(5, 7)
    waves = np.sin((y * np.sin(angle) + x * np.cos(angle)) * np.float32(2 * np.pi / period))
    return site, grey - site.alpha * np.clip(waves, 0, 1) * contrast * max(1.7 * spread, 20.0)


def missing(surface: Surface, size: float, contrast: float, rng: Rng) -> tuple[Site, np.ndarray]:
    """One or two lines of the texture are not there for a while."""
    shape, lines = surface.grey.shape, surface.lines
    assert lines is not None  # noqa: S101 - the kinds of a family fit its surface
    length = rng.uniform(45, 110) * size * shapes.unit(shape)
    site = shapes.lines_missing(shape, rng, lines, length, int(rng.integers(1, 3)))
    grey, spread = _around(surface, site)
    ground = ndimage.gaussian_filter(grey, 6.0) - 0.5 * spread
    return site, grey + (ground - grey) * site.alpha * min(1.0, 0.75 * contrast)


def band(surface: Surface, size: float, contrast: float, rng: Rng) -> tuple[Site, np.ndarray]:
    """A dark band across the picture, in which only the middle of bright flocks remains."""
    shape = surface.grey.shape
    site = shapes.band(shape, rng, rng.uniform(15, 28) * size * shapes.unit(shape))
    grey, _ = _around(surface, site)
    flocks = ndimage.gaussian_filter(grey, 1.2)
    dark, middle = np.quantile(flocks, (0.02, 0.87))
    kept = 1 / (1 + np.exp(np.clip((middle - flocks) / 8, -9, 9)))
    gone = site.alpha * (1 - kept) * min(1.0, 0.95 * contrast)
    return site, (grey + (dark - grey) * gone).astype(np.float32)


KINDS: dict[str, Painter] = {
    "arc": arc,
    "band": band,
    "missing": missing,
    "rescaled": rescaled,
    "rotated": rotated,
    "ruled": ruled,
    "scratch": scratch,
    "smooth": smooth,
    "spots": spots,
    "stain": stain,
}


def _scratch(
    surface: Surface, size: float, contrast: float, rng: Rng, bend: float
) -> tuple[Site, np.ndarray]:
    shape = surface.grey.shape
    scale = size * shapes.unit(shape)
    length, width = rng.uniform(65, 165) * scale, rng.uniform(1.8, 3.0) * np.sqrt(size)
    site = shapes.line(shape, rng, length, width, bend)
    grey, spread = _around(surface, site)
    level = ndimage.gaussian_filter(grey, 8.0) - contrast * max(2.1 * spread, 30.0)
    return site, grey + (level - grey) * site.alpha * 0.8


def _swapped(
    surface: Surface, size: float, contrast: float, rng: Rng, factor: float, angle: float
) -> tuple[Site, np.ndarray]:
    """Put a rescaled, turned piece from nearby into a blob, at the place's own mean brightness."""
    shape = surface.grey.shape
    site = shapes.blob(shape, rng, rng.uniform(20, 34) * size * shapes.unit(shape))
    grey, _ = _around(surface, site)
    piece = _sampled(surface.grey, site, factor, angle)
    inside = site.alpha > 0.5
    if inside.any():
        piece += grey[inside].mean() - piece[inside].mean()
    return site, grey + (piece - grey) * site.alpha * min(1.0, 0.9 * contrast)


def _sampled(grey: np.ndarray, site: Site, factor: float, angle: float) -> np.ndarray:
    """The picture seen through the window, enlarged by `factor` and turned about its middle."""
    cy = (site.rows.start + site.rows.stop - 1) / 2
    cx = (site.columns.start + site.columns.stop - 1) / 2
    y = (np.arange(site.rows.start, site.rows.stop) - cy)[:, None] / factor
    x = (np.arange(site.columns.start, site.columns.stop) - cx)[None, :] / factor
    c, s = np.cos(angle), np.sin(angle)
    places = [y * c + x * s + cy, x * c - y * s + cx]
    piece: np.ndarray = ndimage.map_coordinates(grey, places, order=1, mode="mirror")
    return piece


def _around(surface: Surface, site: Site) -> tuple[np.ndarray, float]:
    """The window's grey levels and their spread (standard deviation)."""
    grey = surface.grey[site.rows, site.columns]
    return grey, float(grey.std())
