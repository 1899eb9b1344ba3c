"""One night as one HTML file to print or to send: nothing in it is fetched from elsewhere."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from datetime import tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from jinja2 import Environment, StrictUndefined
from PIL import Image

from technopro import registry
from technopro.errors import InputError, ObjectMissing
from technopro.explain.heat import decode_heat
from technopro.intake import thumb_key
from technopro.plant import Plant
from technopro.report.facts import NightFacts, gather, newest_night
from technopro.report.pictures import overlay, score_histogram
from technopro.report.tables import write_whole

TEMPLATE = Path(__file__).with_name("page.html")
FAULTS = {
    "dark": "too dark",
    "saturated": "too bright",
    "empty": "without a part",
    "blurred": "blurred",
    "foreign": "of something else",
    "duplicate": "repeating another picture",
}
LISTED = 20  # files in quarantine


def write_page(plant: Plant, file: Path, run_id: str | None = None) -> str:
    """Write the page of a run's night, or of the newest, and return the run's id.

    Raises RegistryError where the run scored nothing, InputError for a file that cannot be written
    and for another ending than .html.
    """
    if file.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"expected a file that ends with .html, found {file.name}")
    with registry.unit_of_work(plant.engine) as session:
        night = gather(session, run_id or newest_night(session))
    page = render(night, pictures(plant, night), ZoneInfo(plant.settings.timezone))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, page.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror}") from error
    return night.run_id


def render(night: NightFacts, shown: Mapping[str, str], zone: tzinfo) -> str:
    """Return the page as HTML, every text escaped; `shown` are data URIs by name of picture."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(
        percent=percent, count=count, local=lambda moment: moment.astimezone(zone)
    )
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(night=night, shown=shown, faults=FAULTS, listed=LISTED)


def pictures(plant: Plant, night: NightFacts) -> dict[str, str]:
    """Return data URIs: `scores PATTERN`, `image SHA-256` and, where known, `heat SHA-256`."""
    shown: dict[str, str] = {}
    for facts in night.patterns:
        own = facts.night
        drawing = score_histogram(night.scores, own)
        shown[f"scores {own.pattern}"] = _data_uri("image/svg+xml", drawing)
        for suspect in facts.worst:
            shown |= _suspect(plant, suspect)
    return shown


def _suspect(plant: Plant, suspect: registry.Sample) -> dict[str, str]:
    """Return the picture, and the picture under its heat map; less where they are gone."""
    try:
        plain = plant.store.get(thumb_key(suspect.sha256))
        shown = {f"image {suspect.sha256}": _data_uri("image/png", plain)}
        if suspect.heat_key is not None:
            hot = _under_heat(plain, plant.store.get(suspect.heat_key))
            shown[f"heat {suspect.sha256}"] = _data_uri("image/png", hot)
    except ObjectMissing:
        return {}
    return shown


def _under_heat(picture: bytes, heat: bytes) -> bytes:
    with Image.open(io.BytesIO(picture)) as opened:
        pixels = np.asarray(opened.convert("RGB"))
    drawn = io.BytesIO()
    Image.fromarray(overlay(pixels, decode_heat(heat))).save(drawn, "PNG", optimize=True)
    return drawn.getvalue()


def _data_uri(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"


def percent(share: float) -> str:
    """Return a share of 0 to 1 in percent, with a digit more where it is small."""
    return f"{share:.1%}" if share >= 0.001 or share == 0 else f"{share:.2%}"


def count(number: int) -> str:
    """Return a number with its thousands apart."""
    return f"{number:,}".replace(",", "\u202f")
