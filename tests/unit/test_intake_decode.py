"""Every kind of picture a camera may write, and what its pixels become."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image, ImageOps, PngImagePlugin, TiffImagePlugin

from technopro.errors import ImageRejected
from technopro.intake import Header, decode, read

RAMP = np.linspace(0, 255, 20 * 24).reshape(20, 24).astype(np.uint8)
COLOUR = np.stack([RAMP, RAMP[::-1], RAMP[:, ::-1]], axis=2)
GREY = np.repeat(RAMP[:, :, None], 3, axis=2)


def encoded(image: Image.Image, name: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, name, **options)
    return buffer.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, bits: int, colour: int, rows: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def tiff(values: np.ndarray, photometric: int = 1, **tags: int) -> bytes:
    """Write a one-strip little-endian TIFF by hand: Pillow cannot write every kind."""
    height, width = values.shape
    sample = {"u": 1, "i": 2, "f": 3}[values.dtype.kind]
    data = values.tobytes()
    entries = {256: width, 257: height, 258: values.itemsize * 8, 259: 1, 262: photometric}
    entries |= {273: 8, 277: 1, 278: height, 279: len(data), 339: sample}
    entries |= {int(tag[1:]): value for tag, value in tags.items()}
    ifd = b"".join(struct.pack("<HHII", tag, 4, 1, v) for tag, v in sorted(entries.items()))
    table = struct.pack("<H", len(entries)) + ifd + struct.pack("<I", 0)
    return struct.pack("<2sHI", b"II", 42, 8 + len(data)) + data + table


@pytest.mark.parametrize("name", ["PNG", "BMP", "TIFF"])
def test_lossless_colour_comes_back_as_it_was(name: str) -> None:
    data = encoded(Image.fromarray(COLOUR), name)
    np.testing.assert_array_equal(decode(data), COLOUR)
    assert read(data)[0] == Header(24, 20, name, None)


def test_lossless_webp_comes_back_as_it_was() -> None:
    data = encoded(Image.fromarray(COLOUR), "WEBP", lossless=True)
    np.testing.assert_array_equal(decode(data), COLOUR)
    assert read(data)[0].format == "WEBP"


def test_jpeg_comes_back_nearly_as_it_was() -> None:
    data = encoded(Image.fromarray(GREY), "JPEG", quality=100)
    assert np.abs(decode(data).astype(int) - GREY).max() <= 2
    assert read(data)[0].format == "JPEG"


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_deflate", "packbits"])
def test_compressed_tiff_comes_back_as_it_was(compression: str) -> None:
    data = encoded(Image.fromarray(COLOUR), "TIFF", compression=compression)
    np.testing.assert_array_equal(decode(data), COLOUR)


def test_grey_fills_three_channels() -> None:
    pixels = decode(encoded(Image.fromarray(RAMP), "PNG"))
    np.testing.assert_array_equal(pixels, GREY)
    assert pixels.dtype == np.uint8
    assert pixels.flags.writeable
    assert pixels.flags.c_contiguous


@pytest.mark.parametrize("name", ["PNG", "TIFF", "BMP"])
def test_one_bit_becomes_black_and_white(name: str) -> None:
    bits = RAMP > 127
    pixels = decode(encoded(Image.fromarray(bits), name))
    np.testing.assert_array_equal(pixels[..., 0], np.where(bits, 255, 0))


def test_palette_becomes_its_colours() -> None:
    image = Image.fromarray((RAMP // 128).astype(np.uint8)).convert("P")
    image.putpalette([10, 20, 30, 200, 100, 50])
    pixels = decode(encoded(image, "PNG"))
    assert {tuple(p) for p in pixels.reshape(-1, 3).tolist()} == {(10, 20, 30), (200, 100, 50)}


def test_palette_with_transparency_is_laid_over_black() -> None:
    image = Image.fromarray((RAMP // 128).astype(np.uint8)).convert("P")
    image.putpalette([10, 20, 30, 200, 100, 50])
    pixels = decode(encoded(image, "PNG", transparency=bytes([0, 255])))
    assert pixels[0, 0].tolist() == [0, 0, 0]
    assert pixels[-1, -1].tolist() == [200, 100, 50]


def test_alpha_is_laid_over_black() -> None:
    alpha = np.full((20, 24), 255, np.uint8)
    alpha[:10] = 0
    pixels = decode(encoded(Image.fromarray(np.dstack([COLOUR, alpha])), "PNG"))
    assert not pixels[:10].any()
    np.testing.assert_array_equal(pixels[10:], COLOUR[10:])


def test_grey_with_alpha_is_laid_over_black() -> None:
    image = Image.merge("LA", [Image.new("L", (24, 20), 200), Image.new("L", (24, 20), 51)])
    assert np.unique(decode(encoded(image, "PNG"))).tolist() == [40]  # 200 * 51 / 255


def test_colour_key_transparency_is_laid_over_black() -> None:
    data = encoded(Image.new("RGB", (24, 20), (9, 8, 7)), "PNG", transparency=(9, 8, 7))
    assert not decode(data).any()


def test_cmyk_becomes_rgb() -> None:
    data = encoded(Image.new("CMYK", (24, 20), (0, 255, 255, 0)), "TIFF")
    assert decode(data)[0, 0].tolist() == [255, 0, 0]


def test_16_bit_grey_png_is_scaled_by_257() -> None:
    values = np.array([0, 128, 129, 257, 25_700, 65_535] * 80, np.uint16).reshape(20, 24)
    data = encoded(Image.fromarray(values), "PNG")
    np.testing.assert_array_equal(decode(data)[..., 1], np.rint(values / 257))


@pytest.mark.parametrize("photometric", [0, 1])
def test_16_bit_grey_tiff_is_scaled_by_257_and_turned_where_white_is_zero(photometric: int) -> None:
    values = (np.arange(480, dtype=np.uint16) * 136).reshape(20, 24)
    scaled = np.rint(values / 257)
    expected = scaled if photometric else 255 - scaled
    np.testing.assert_array_equal(decode(tiff(values, photometric))[..., 2], expected)


def test_8_bit_tiff_where_white_is_zero_is_turned_once() -> None:
    np.testing.assert_array_equal(decode(tiff(RAMP, 0)), 255 - GREY)


def test_16_bit_big_endian_tiff_is_scaled_by_257() -> None:
    values = (np.arange(480, dtype=np.uint16) * 136).reshape(20, 24)
    image = Image.frombytes("I;16B", (24, 20), values.astype(">u2").tobytes())
    data = encoded(image, "TIFF")
    assert data.startswith(b"MM")
    np.testing.assert_array_equal(decode(data)[..., 0], np.rint(values / 257))


def test_12_bit_tiff_uses_its_own_range() -> None:
    packed = np.full((20, 36), 0xFF, np.uint8)  # 24 samples of 12 bits in 36 bytes
    data = tiff(packed, t256=24, t258=12)
    assert np.unique(decode(data)).tolist() == [255]


def test_16_bit_colour_png_keeps_its_high_byte() -> None:
    row = b"\0" + struct.pack(">HHH", 0x1234, 0x80FF, 0xFFFF) * 24
    assert decode(png(24, 20, 16, 2, row * 20))[5, 5].tolist() == [0x12, 0x80, 0xFF]


def test_float_tiff_between_0_and_1_is_scaled() -> None:
    values = np.linspace(0, 1, 480, dtype=np.float32).reshape(20, 24)
    np.testing.assert_array_equal(decode(tiff(values))[..., 0], np.rint(values * 255))


@pytest.mark.parametrize(("worst", "found"), [(2.5, "2.5"), (-1.0, "-1"), (np.nan, "nan")])
def test_float_tiff_outside_0_to_1_is_rejected_with_its_range(worst: float, found: str) -> None:
    values = np.full((20, 24), 0.5, np.float32)
    values[3, 3] = worst
    with pytest.raises(ImageRejected, match="expected 0 to 1") as caught:
        decode(tiff(values))
    assert found in str(caught.value)


@pytest.mark.parametrize("kind", [np.int32, np.uint32, np.int16])
def test_integers_without_a_known_white_are_rejected(kind: type[np.integer]) -> None:
    with pytest.raises(ImageRejected, match="expected 8 or 16 bit"):
        decode(tiff(np.ones((20, 24), kind)))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_exif_rotation_is_applied_as_pillow_applies_it(name: str, orientation: int) -> None:
    image = Image.fromarray(COLOUR)
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if name == "WEBP" else {}
    data = encoded(image, name, exif=exif, **options)
    with Image.open(io.BytesIO(data)) as opened:
        expected = np.asarray(ImageOps.exif_transpose(opened).convert("RGB"))
    np.testing.assert_array_equal(decode(data), expected)
    header = read(data)[0]
    assert (header.height, header.width) == expected.shape[:2]


def test_exif_rotation_turns_16_bit_grey_too() -> None:
    values = (np.arange(480, dtype=np.uint16) * 136).reshape(20, 24)
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn clockwise
    data = encoded(Image.fromarray(values), "PNG", exif=exif)
    np.testing.assert_array_equal(decode(data)[..., 0], np.rot90(np.rint(values / 257), -1))


def test_broken_exif_does_not_cost_the_picture() -> None:
    data = encoded(Image.fromarray(COLOUR), "PNG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7f")
    np.testing.assert_array_equal(decode(data), COLOUR)


def test_odd_metadata_gives_no_warning() -> None:
    info = TiffImagePlugin.ImageFileDirectory_v2()
    info[271] = "maker"
    data = bytearray(encoded(Image.fromarray(COLOUR), "TIFF", tiffinfo=info))
    at = data.index(struct.pack("<HH", 271, 2))
    data[at + 4 : at + 12] = struct.pack("<II", 9_999, 9_999_999)  # points beyond the file
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(decode(bytes(data)), COLOUR)


def test_warning_filters_are_as_before_after_many_threads() -> None:
    before = list(warnings.filters)
    data = encoded(Image.fromarray(COLOUR), "PNG")
    with ThreadPoolExecutor(8) as pool:
        shapes = {array.shape for array in pool.map(decode, [data] * 200)}
    assert shapes == {(20, 24, 3)}
    assert list(warnings.filters) == before


def test_the_preview_in_a_multi_picture_jpeg_is_ignored() -> None:
    small = Image.fromarray(COLOUR[:16, :16])
    data = encoded(Image.fromarray(COLOUR), "MPO", save_all=True, append_images=[small])
    assert decode(data).shape == (20, 24, 3)


def test_a_reduced_copy_in_a_tiff_is_ignored() -> None:
    info = TiffImagePlugin.ImageFileDirectory_v2()
    info[254] = 1
    small = Image.fromarray(COLOUR[::2, ::2])
    small.encoderinfo = {"tiffinfo": info}
    data = encoded(Image.fromarray(COLOUR), "TIFF", save_all=True, append_images=[small])
    with Image.open(io.BytesIO(data)) as opened:
        assert opened.n_frames == 2
    np.testing.assert_array_equal(decode(data), COLOUR)


def test_text_in_a_png_does_no_harm() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("camera", "3")
    np.testing.assert_array_equal(
        decode(encoded(Image.fromarray(COLOUR), "PNG", pnginfo=info)), COLOUR
    )
