"""From Pillow's many modes to upright 8-bit RGB."""

from __future__ import annotations

import numpy as np
from PIL import Image

from technopro.errors import ImageRejected

_ORIENTATION = 0x0112  # EXIF tag
_BITS_PER_SAMPLE, _PHOTOMETRIC = 258, 262  # TIFF tags
_WHITE_IS_ZERO = 0
_CONVERTIBLE = {"1", "L", "P", "RGB", "RGBX", "CMYK", "YCbCr", "HSV"}


def to_rgb(image: Image.Image) -> np.ndarray:
    """Return (H, W, 3) uint8 of a loaded image; ImageRejected if its values have no known white."""
    if image.mode.startswith("I;16"):
        return _grey(_from_16_bit(np.asarray(image), _bits(image)), image)
    if image.mode == "F":
        return _grey(_from_float(np.asarray(image)), image)
    if image.has_transparency_data:
        return _over_black(image)
    if image.mode in _CONVERTIBLE:
        return np.array(image.convert("RGB"))
    raise ImageRejected(
        f"unsupported pixels of type {image.mode}; expected 8 or 16 bit grey or colour:"
        " export it as such"
    )


def orientation(image: Image.Image) -> int:
    """Return EXIF orientation 1 to 8; 1 where it is missing or unreadable."""
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # broken metadata must not cost a good picture
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Turn (H, W, 3) pixels as EXIF 2.32, tag 0x0112, asks: 5 to 8 swap the axes."""
    if orientation >= 5:
        pixels = pixels.transpose(1, 0, 2)
    flip_rows = orientation in (3, 4, 7, 8)
    flip_columns = orientation in (2, 3, 6, 7)
    turned = pixels[:: -1 if flip_rows else 1, :: -1 if flip_columns else 1]
    return np.ascontiguousarray(turned)


def _bits(image: Image.Image) -> int:
    bits = getattr(image, "tag_v2", {}).get(_BITS_PER_SAMPLE, (16,))
    return int(bits[0])


def _from_16_bit(values: np.ndarray, bits: int) -> np.ndarray:
    """Scale 0…2^bits-1 to 0…255, rounded, through a table: (H, W) uint8."""
    table = np.rint((np.arange(2**16) / (2**bits - 1) * 255.0).clip(0, 255)).astype(np.uint8)
    return np.take(table, values)


def _from_float(values: np.ndarray) -> np.ndarray:
    low, high = float(values.min()), float(values.max())  # NaN if there is one
    if not (low >= 0.0 and high <= 1.0):
        raise ImageRejected(
            f"32-bit float values from {low:g} to {high:g}; expected 0 to 1:"
            " export it as 8 or 16 bit"
        )
    return np.rint(values * np.float32(255)).astype(np.uint8)


def _grey(values: np.ndarray, image: Image.Image) -> np.ndarray:
    """Repeat (H, W) into three channels; invert where a TIFF says that white is zero."""
    if getattr(image, "tag_v2", {}).get(_PHOTOMETRIC, 1) == _WHITE_IS_ZERO:
        values = 255 - values
    return np.repeat(values[:, :, None], 3, axis=2)


def _over_black(image: Image.Image) -> np.ndarray:
    covered = image.convert("RGBA")
    black = Image.new("RGBA", covered.size, (0, 0, 0, 255))
    return np.array(Image.alpha_composite(black, covered).convert("RGB"))
