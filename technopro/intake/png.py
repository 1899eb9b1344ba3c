"""PNG files in a fraction of the time: every row as its difference from the one above.

Libraries try five ways on each row, which on surfaces takes longer than all the rest and saves
nothing (Portable Network Graphics Specification, second edition, W3C 2003, section 9).
"""

from __future__ import annotations

import struct
import zlib

import numpy as np

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_DEPTH, _GREY, _COLOUR, _UP = 8, 0, 2, 2
_WINDOW, _MEMORY = 15, 9  # of zlib, its largest


def png(pixels: np.ndarray) -> bytes:
    """Return (H, W) or (H, W, 3) uint8 pixels as a PNG, without loss; the same bytes each time."""
    height, width = pixels.shape[:2]
    rows = pixels.reshape(height, -1)
    filtered = np.empty((height, 1 + rows.shape[1]), np.uint8)
    filtered[:, 0] = _UP
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])  # modulo 256
    squeeze = zlib.compressobj(1, zlib.DEFLATED, _WINDOW, _MEMORY, zlib.Z_RLE)
    data = squeeze.compress(filtered.tobytes()) + squeeze.flush()
    colour = _GREY if pixels.ndim == 2 else _COLOUR
    header = struct.pack(">IIBBBBB", width, height, _DEPTH, colour, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(kind, body) for kind, body in chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
