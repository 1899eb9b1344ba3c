"""Random fields and coordinates that the surfaces are made of; lengths are in pixels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import fft, ndimage

Shape = tuple[int, int]  # (height, width)
Transfer = Callable[[np.ndarray, np.ndarray], np.ndarray]


def white(shape: Shape, rng: np.random.Generator) -> np.ndarray:
    """Independent standard normal values: (H, W) float32."""
    return rng.standard_normal(shape, dtype=np.float32)


def filtered(shape: Shape, rng: np.random.Generator, transfer: Transfer) -> np.ndarray:
    """White (uniform) noise through a linear filter, scaled to unit variance: (H, W) float32.

    `transfer` maps frequencies (fy, fx) in cycles per pixel to a gain. The scale comes from the
    filter (Parseval), not from the sample, so that a crop looks like the whole.
    """
    padded = (fft.next_fast_len(shape[0], real=True), fft.next_fast_len(shape[1], real=True))
    fy, fx = _frequencies(padded)
    gain = transfer(fy, fx).astype(np.float32)
    gain[0, 0] = 0
    spectrum = fft.rfft2(rng.random(padded, dtype=np.float32) - np.float32(0.5)) * gain
    weights = np.full(gain.shape[1], 2.0)
    weights[0] = 1.0
    power = float((np.square(gain) * weights).sum()) / (padded[0] * padded[1])
    noise: np.ndarray = fft.irfft2(spectrum, s=padded)[: shape[0], : shape[1]]
    noise *= np.float32(np.sqrt(12 / max(power, 1e-9)))
    return noise


def soft(shape: Shape, rng: np.random.Generator, size: float) -> np.ndarray:
    """Blobs of about `size` pixels with unit variance, from a small noise image enlarged."""
    step = max(1, int(size / 3))
    small = (shape[0] // step + 4, shape[1] // step + 4)
    noise = ndimage.gaussian_filter(white(small, rng), size / step / 2)
    noise *= 2 * np.sqrt(np.pi) * size / step / 2
    return enlarged(noise, shape, step) if step > 1 else noise[: shape[0], : shape[1]]


def enlarged(small: np.ndarray, shape: Shape, step: float) -> np.ndarray:
    """Bilinear enlargement by `step`, cut to `shape`: separable, hence cheap."""
    top, down = _places(small.shape[0], shape[0], step)
    left, right = _places(small.shape[1], shape[1], step)
    small = small.astype(np.float32)
    rows = small[top] * (1 - down[:, None]) + small[top + 1] * down[:, None]
    full: np.ndarray = rows[:, left] * (1 - right) + rows[:, left + 1] * right
    return full


def grid(shape: Shape) -> tuple[np.ndarray, np.ndarray]:
    """Pixel coordinates y (H, 1) and x (1, W) from the picture's centre, float32."""
    y = np.arange(shape[0], dtype=np.float32)[:, None] - (shape[0] - 1) / 2
    x = np.arange(shape[1], dtype=np.float32)[None, :] - (shape[1] - 1) / 2
    return y, x


def turned(y: np.ndarray, x: np.ndarray, angle_deg: float) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates along (v) and across (u) a direction, both broadcast to the full shape."""
    cosine, sine = (
        np.float32(np.cos(np.radians(angle_deg))),
        np.float32(np.sin(np.radians(angle_deg))),
    )
    return y * cosine - x * sine, x * cosine + y * sine


def gaussian(size: float) -> Transfer:
    """Isotropic low pass: a Gaussian of standard deviation `size` pixels."""
    return stretched(size, size, 0.0)


def stretched(along: float, across: float, angle_deg: float) -> Transfer:
    """Low pass with standard deviation `along` and `across` a direction turned from vertical."""

    def transfer(fy: np.ndarray, fx: np.ndarray) -> np.ndarray:
        v, u = turned(fy, fx, angle_deg)
        return np.exp(-2 * np.pi**2 * ((along * v) ** 2 + (across * u) ** 2))

    return transfer


def _frequencies(shape: Shape) -> tuple[np.ndarray, np.ndarray]:
    fy = fft.fftfreq(shape[0]).astype(np.float32)[:, None]
    return fy, fft.rfftfreq(shape[1]).astype(np.float32)[None, :]


def _places(inputs: int, outputs: int, step: float) -> tuple[np.ndarray, np.ndarray]:
    position = np.minimum(np.arange(outputs) / step, inputs - 1.001)
    first = position.astype(np.intp)
    return first, (position - first).astype(np.float32)
