"""Every kind of bad file, and the reason a person reads."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from technopro.errors import ImageRejected
from technopro.intake import decode, read

NOISE = np.random.default_rng(3).integers(0, 256, (40, 48, 3), dtype=np.uint8)


def encoded(name: str, image: Image.Image | None = None, **options: object) -> bytes:
    buffer = io.BytesIO()
    (image or Image.fromarray(NOISE)).save(buffer, name, **options)
    return buffer.getvalue()


def reason(data: bytes) -> str:
    with pytest.raises(ImageRejected) as caught:
        decode(data)
    return str(caught.value)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "empty file (0 bytes)"),
        (b"%PDF-1.7 ...", "not an image: starts like a PDF"),
        (b"PK\x03\x04rest", "not an image: starts like a ZIP or Office file"),
        (b"image,pattern\n1.png,a\n", "not an image: looks like text"),
        ("画像,欠陥\n".encode("shift_jis"), "not an image: looks like text"),
        ("\ufeffimage".encode("utf-16-le"), "not an image: looks like text"),
        (b"<svg xmlns='...'/>", "not an image: looks like HTML, XML or SVG"),
        (bytes(500), "not an image: only zero bytes, as after a copy that was broken off"),
        (b"\x01\x02\x03\x04\x05", "not an image: its first bytes are 01 02 03 04"),
        (b"\x00\x00\x00\x18ftypmp42", "not an image: starts like a video"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "not an image: starts like a video or sound"),
        (b"MZ\x90\x00", "not an image: starts like a Windows program"),
    ],
)
def test_a_file_that_is_no_image_is_named_for_what_it_is(data: bytes, expected: str) -> None:
    assert reason(data) == expected


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (encoded("GIF"), "GIF"),
        (encoded("ICO"), "ICO"),
        (encoded("PPM"), "PPM"),
        (b"\0\0\0\x18ftypheic", "HEIC"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
        (bytes(128) + b"DICM", "DICOM"),
    ],
)
def test_an_image_of_another_format_is_told_which_are_accepted(data: bytes, name: str) -> None:
    expected = f"unsupported format {name}; accepted are PNG, JPEG, BMP, TIFF and WebP"
    assert reason(data) == expected


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("name", ["PNG", "JPEG", "BMP", "TIFF", "WEBP"])
def test_a_file_cut_off_anywhere_is_called_truncated(name: str, share: float) -> None:
    data = encoded(name)
    cut = data[: int(len(data) * share)]
    assert reason(cut) == f"truncated {name}: the file ends before the picture does"


@pytest.mark.parametrize("name", ["PNG", "JPEG", "BMP", "TIFF", "WEBP"])
def test_a_file_of_nothing_but_its_first_bytes_is_called_truncated(name: str) -> None:
    assert "truncated" in reason(encoded(name)[:12])


def test_a_png_with_a_flipped_bit_in_its_pixels_is_damaged() -> None:
    data = bytearray(encoded("PNG", compress_level=0))
    data[len(data) // 2] ^= 1  # Pillow alone would show this picture
    assert reason(bytes(data)).startswith("damaged PNG: the picture cannot be read")


def test_a_picture_of_too_many_pixels_is_rejected_by_its_header() -> None:
    head = b"\x89PNG\r\n\x1a\n"
    for kind, body in (
        (b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(bytes(100))),
    ):
        check = struct.pack(">I", zlib.crc32(kind + body))
        head += struct.pack(">I", len(body)) + kind + body + check
    expected = "too large: 30000x30000 pixels; at most 100 million pixels are accepted"
    assert reason(head) == expected


def test_the_largest_picture_a_webp_can_claim_is_rejected() -> None:
    data = bytearray(encoded("WEBP", lossless=True))
    bits = struct.unpack_from("<I", data, 21)[0]
    struct.pack_into("<I", data, 21, (bits & ~0x0FFFFFFF) | (16_382 << 14) | 16_382)
    assert reason(bytes(data)).startswith("too large")


def test_the_pixel_limit_is_the_callers() -> None:
    data = encoded("PNG")
    assert decode(data, max_pixels=48 * 40).shape == (40, 48, 3)
    with pytest.raises(ImageRejected, match=r"48x40 pixels; at most 0\.001 million pixels"):
        decode(data, max_pixels=1_000)


def test_pillows_own_limit_is_left_alone() -> None:
    before = Image.MAX_IMAGE_PIXELS
    decode(encoded("PNG"))
    assert before == Image.MAX_IMAGE_PIXELS


@pytest.mark.parametrize("size", [(4, 3), (15, 400), (400, 15)])
def test_a_tiny_picture_is_rejected(size: tuple[int, int]) -> None:
    width, height = size
    expected = f"too small: {width}x{height} pixels, at least 16x16"
    assert reason(encoded("PNG", Image.new("L", size))) == expected


def test_16_pixels_are_enough() -> None:
    assert decode(encoded("PNG", Image.new("L", (16, 16)))).shape == (16, 16, 3)


def test_a_tiff_of_several_pages_is_rejected() -> None:
    more = [Image.fromarray(NOISE[::-1])]
    data = encoded("TIFF", save_all=True, append_images=more)
    assert reason(data) == "holds several pages; expected one picture a file, split it"


@pytest.mark.parametrize("name", ["PNG", "WEBP"])
def test_an_animation_is_rejected(name: str) -> None:
    more = [Image.fromarray(NOISE[::-1])]
    data = encoded(name, save_all=True, append_images=more)
    assert reason(data) == "holds several animation frames; expected one picture a file, split it"


def test_lab_colour_is_rejected() -> None:
    data = encoded("TIFF", Image.new("LAB", (24, 24)))
    assert "unsupported pixels of type LAB" in reason(data)


BASES = [encoded(name) for name in ("PNG", "JPEG", "BMP", "TIFF", "WEBP")]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(BASES), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255))))
def test_a_damaged_file_gives_pixels_or_a_reason_and_nothing_else(
    base: bytes, changes: list[tuple[float, int]]
) -> None:
    data = bytearray(base)
    for where, value in changes:
        data[int(where * (len(data) - 1))] = value
    for look in (read, decode):
        try:
            look(bytes(data))
        except ImageRejected as error:
            lines = str(error).splitlines()
        else:
            lines = ["usable"]
        assert len(lines) == 1
