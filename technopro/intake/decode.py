"""The one way from a file's bytes to pixels."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

import numpy as np
from PIL import (
    BmpImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
from PIL.ImageFile import ImageFile

from technopro.errors import ImageRejected
from technopro.intake.capture import capture_time
from technopro.intake.pixels import orientation, to_rgb, upright
from technopro.intake.quiet import quiet_pillow
from technopro.intake.signature import ends_early, identify

MAX_PIXELS = 100_000_000
MIN_SIDE = 16  # pixels

# The plug-ins are called by themselves: Image.open would try others, and would hold the picture
# against the process-wide Image.MAX_IMAGE_PIXELS, which this library leaves alone.
_OPENERS: dict[str, Callable[[io.BytesIO], ImageFile]] = {
    "PNG": PngImagePlugin.PngImageFile,
    "JPEG": JpegImagePlugin.JpegImageFile,  # of a multi-picture file the first, the photograph
    "BMP": BmpImagePlugin.BmpImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
}
_REDUCED = 1  # bit of TIFF's NewSubfileType: a smaller copy of another page
_NEW_SUBFILE_TYPE = 254


@dataclass(frozen=True)
class Header:
    """What a file says of its picture."""

    width: int  # pixels, after EXIF rotation
    height: int
    format: str  # PNG, JPEG, BMP, TIFF, WEBP
    captured: datetime | None  # as the camera wrote it into the file


def read(
    data: bytes, max_pixels: int = MAX_PIXELS, zone: tzinfo = UTC
) -> tuple[Header, np.ndarray]:
    """Return what the file says of its picture, and the picture as `decode` does.

    A camera that does not say in which time zone it is, is taken to be in `zone`.
    """
    with _opened(data, max_pixels) as (image, name):
        if isinstance(image, PngImagePlugin.PngImageFile):
            _check_sums(data)
            image.load()  # a PNG may speak of itself behind its pixels, other files before them
        captured = capture_time(image, zone)
        pixels = _pixels(image, name)
    height, width = pixels.shape[:2]
    return Header(width, height, name, captured), pixels


def decode(data: bytes, max_pixels: int = MAX_PIXELS) -> np.ndarray:
    """Return the picture as (H, W, 3) uint8, upright; ImageRejected with a reason if it is none.

    - 1-bit, grey, palette, RGB and CMYK become RGB; colour profiles are ignored.
    - 16-bit grey is scaled over its full range, value / 257; of 12-bit TIFF value / 4095 * 255.
      16-bit colour keeps its high byte. Nothing is stretched: two nights stay comparable.
    - 32-bit float is taken from 0 to 1; anything outside, and 32-bit integers, is rejected,
      because nothing says which value is white.
    - Transparent pixels are laid over black: where a camera saw nothing, nothing is lit.
    - EXIF rotation is applied.
    - One picture a file: files with several pages or an animation are rejected, for the other
      pages would go uninspected. Reduced copies in a TIFF, and the previews in a JPEG, are ignored.
    """
    return read(data, max_pixels)[1]


def _pixels(image: ImageFile, name: str) -> np.ndarray:
    image.load()
    turn = orientation(image) if name != "TIFF" else 1  # Pillow turns TIFF by itself
    return upright(to_rgb(image), turn)


@contextmanager
def _opened(data: bytes, max_pixels: int) -> Iterator[tuple[ImageFile, str]]:
    """Open and check the header; every error in here becomes an ImageRejected."""
    name = identify(data)
    try:
        with quiet_pillow(), _OPENERS[name](io.BytesIO(data)) as image:
            _check_size(image.size, max_pixels)
            _check_single(image, name)
            yield image, name
    except ImageRejected:
        raise
    except Image.DecompressionBombError:
        raise ImageRejected(f"too large: {_at_most(max_pixels)}") from None
    except MemoryError:
        raise ImageRejected("needs more memory than this machine has free") from None
    except Exception as error:  # damaged files make Pillow raise nearly anything
        raise ImageRejected(_damage(data, name, error)) from error


def _check_size(size: tuple[int, int], max_pixels: int) -> None:
    width, height = size
    if width * height > max_pixels:
        raise ImageRejected(f"too large: {width}x{height} pixels; {_at_most(max_pixels)}")
    if min(size) < MIN_SIDE:
        raise ImageRejected(f"too small: {width}x{height} pixels, at least {MIN_SIDE}x{MIN_SIDE}")


def _check_single(image: ImageFile, name: str) -> None:
    pages = _full_pages(image) if name == "TIFF" else getattr(image, "n_frames", 1)
    if pages > 1:
        kind = "pages" if name == "TIFF" else "animation frames"
        raise ImageRejected(f"holds several {kind}; expected one picture a file, split it")


def _full_pages(image: ImageFile) -> int:
    """Return 2 as soon as a second page is found that is not a smaller copy."""
    assert isinstance(image, TiffImagePlugin.TiffImageFile)  # noqa: S101
    try:
        for page in range(1, 64):
            image.seek(page)
            if not int(image.tag_v2.get(_NEW_SUBFILE_TYPE, 0)) & _REDUCED:
                return 2
    except EOFError:
        pass
    image.seek(0)
    return 1


def _check_sums(data: bytes) -> None:
    """Compare PNG's check sums, which Pillow skips for pixels: a flipped bit is no defect."""
    PngImagePlugin.PngImageFile(io.BytesIO(data)).verify()


def _at_most(max_pixels: int) -> str:
    return f"at most {max_pixels / 1e6:g} million pixels are accepted"


def _damage(data: bytes, name: str, error: Exception) -> str:
    if ends_early(data, name) or "truncated" in str(error).lower():
        return f"truncated {name}: the file ends before the picture does"
    detail = str(error).splitlines()[0] if str(error) else type(error).__name__
    return f"damaged {name}: the picture cannot be read ({detail})"
