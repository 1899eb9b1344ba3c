"""What a file is, by its first bytes; names in factories lie about it."""

from __future__ import annotations

import struct

from technopro.errors import ImageRejected

ACCEPTED = "PNG, JPEG, BMP, TIFF and WebP"

_IMAGES = (  # (offset, bytes, name)
    (0, b"\x89PNG\r\n\x1a\n", "PNG"),
    (0, b"\xff\xd8\xff", "JPEG"),
    (0, b"BM", "BMP"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (0, b"II+\0", "TIFF"),
    (0, b"MM\0+", "TIFF"),
    (8, b"WEBP", "WEBP"),
)
_OTHER_IMAGES = (
    (0, b"GIF8", "GIF"),
    (4, b"ftypheic", "HEIC"),
    (4, b"ftypheix", "HEIC"),
    (4, b"ftypmif1", "HEIF"),
    (4, b"ftypavif", "AVIF"),
    (4, b"jP  \r\n", "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
    (0, b"\xff\x0a", "JPEG XL"),
    (4, b"JXL \r\n", "JPEG XL"),
    (0, b"8BPS", "Photoshop"),
    (0, b"\0\0\1\0", "ICO"),
    (0, b"v/1\1", "OpenEXR"),
    (0, b"DDS ", "DDS"),
    (0, b"P4\n", "PBM"),
    (0, b"P5\n", "PGM"),
    (0, b"P6\n", "PPM"),
    (128, b"DICM", "DICOM"),
)
_NOT_IMAGES = (
    (0, b"%PDF", "a PDF"),
    (0, b"PK\x03\x04", "a ZIP or Office file"),
    (0, b"PK\x05\x06", "a ZIP file"),
    (0, b"\x1f\x8b", "a gzip file"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z file"),
    (0, b"Rar!", "a RAR file"),
    (4, b"ftyp", "a video"),
    (0, b"RIFF", "a video or sound"),
    (0, b"MZ", "a Windows program"),
    (0, b"\x7fELF", "a program"),
    (0, b"SQLite format 3", "a database"),
    (0, b"\x93NUMPY", "a NumPy array"),
    (0, b"\x89HDF", "an HDF5 file"),
    (0, b"\xd0\xcf\x11\xe0", "an old Office file"),
)


def identify(data: bytes) -> str:
    """Return PNG, JPEG, BMP, TIFF or WEBP; ImageRejected says what it is instead."""
    if not data:
        raise ImageRejected("empty file (0 bytes)")
    if name := _match(data, _IMAGES):
        return name
    if name := _match(data, _OTHER_IMAGES):
        raise ImageRejected(f"unsupported format {name}; accepted are {ACCEPTED}")
    raise ImageRejected(f"not an image: {_describe(data)}")


def ends_early(data: bytes, name: str) -> bool:
    """Return whether a file that failed to decode shows signs of having been cut off."""
    if name == "PNG":
        return b"IEND" not in data[-1024:]
    if name == "JPEG":
        return b"\xff\xd9" not in data[-1024:]
    if name == "WEBP":
        return len(data) < 12 or struct.unpack_from("<I", data, 4)[0] + 8 > len(data)
    if name == "BMP":
        return len(data) < 26 or struct.unpack_from("<I", data, 2)[0] > len(data)
    return _table_end(data) > len(data)


def _table_end(data: bytes) -> int:
    """Return where the first table of a TIFF ends (TIFF 6.0, section 2)."""
    if len(data) < 8:
        return 8
    order = "<" if data.startswith(b"II") else ">"
    start = int(struct.unpack_from(f"{order}I", data, 4)[0])
    if start + 2 > len(data):
        return start + 2
    return start + 6 + 12 * int(struct.unpack_from(f"{order}H", data, start)[0])


def _match(data: bytes, table: tuple[tuple[int, bytes, str], ...]) -> str | None:
    return next((name for at, magic, name in table if data[at : at + len(magic)] == magic), None)


def _describe(data: bytes) -> str:
    if name := _match(data, _NOT_IMAGES):
        return f"starts like {name}"
    head = data[:4096]
    if not any(head):
        return "only zero bytes, as after a copy that was broken off"
    if _is_text(head):
        markup = head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
        return "looks like HTML, XML or SVG" if markup else "looks like text"
    return f"its first bytes are {head[:4].hex(' ')}"


def _is_text(head: bytes) -> bool:
    """Text holds no control characters; Shift-JIS and UTF-8 both pass, UTF-16 by its mark."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return all(byte >= 32 or byte in b"\t\r\n\f\x1b" for byte in head)
