import io
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from technopro.intake.decode import read

TOKYO = ZoneInfo("Asia/Tokyo")


def photograph(taken: str | None, offset: str | None = None, kind: str = "JPEG") -> bytes:
    image, exif = Image.new("RGB", (32, 24)), Image.Exif()
    exif[0x8769] = {
        **({0x9003: taken} if taken is not None else {}),
        **({0x9011: offset} if offset is not None else {}),
    }
    buffer = io.BytesIO()
    image.save(buffer, kind, exif=exif)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_camera_that_names_its_zone_is_believed(kind: str) -> None:
    data = photograph("2026:11:24 02:13:05", "-05:00", kind)
    moment = read(data, zone=TOKYO)[0].captured
    assert moment == datetime(2026, 11, 24, 2, 13, 5, tzinfo=timezone(timedelta(hours=-5)))


def test_a_camera_that_names_none_is_in_the_zone_of_the_plant() -> None:
    moment = read(photograph("2026:11:24 02:13:05"), zone=TOKYO)[0].captured
    assert moment == datetime(2026, 11, 23, 17, 13, 5, tzinfo=UTC)


@pytest.mark.parametrize("taken", [None, "", "yesterday", "0000:00:00 00:00:00"])
def test_no_time_or_nonsense_is_no_time(taken: str | None) -> None:
    assert read(photograph(taken))[0].captured is None
