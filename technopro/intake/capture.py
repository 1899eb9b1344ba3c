"""When a picture was taken, as the camera wrote it into the file."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, tzinfo

from PIL import Image

_EXIF = 0x8769  # the part of the metadata about how the picture was taken (EXIF 2.32)
_TAKEN = 0x9003  # DateTimeOriginal, such as 2026:11:24 02:13:05
_OFFSET = 0x9011  # OffsetTimeOriginal, such as +09:00


def capture_time(image: Image.Image, zone: tzinfo) -> datetime | None:
    """Return the moment, in the camera's own zone or else in `zone`; None where none is written."""
    with suppress(Exception):  # broken metadata must not cost a good picture
        details = image.getexif().get_ifd(_EXIF)
        moment = datetime.strptime(str(details[_TAKEN]).strip("\0 "), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
        offset = str(details.get(_OFFSET, "")).strip("\0 ")
        own = datetime.strptime(offset, "%z").tzinfo if offset else zone
        return moment.replace(tzinfo=own)
    return None
