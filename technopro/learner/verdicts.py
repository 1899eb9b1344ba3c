"""What people said of images, as soft labels: believed for the most part, never wholly."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from technopro.errors import InputError
from technopro.results import ImageRecord

TRUST = 0.9  # of ten verdicts one is wrong
LABELS = {"defect": TRUST, "ok": 1 - TRUST}


def read_verdicts(path: Path, records: Iterable[ImageRecord]) -> dict[str, float]:
    """Return soft labels by SHA-256 from a CSV of `image` (path in the batch) and `verdict`.

    Those of camera faults and copies, which are not learned from, change nothing.
    Raises InputError naming what was expected and found.
    """
    try:
        frame = pd.read_csv(path, dtype=str)
    except OSError as error:
        raise InputError(f"expected verdicts at {path}: {error.strerror}") from None
    except (ValueError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not a CSV file: {error}") from error
    if not {"image", "verdict"} <= set(frame.columns):
        raise InputError(
            f"{path}: expected the columns image and verdict, found {', '.join(frame.columns)}"
        )
    odd = sorted(set(frame["verdict"].fillna("")) - set(LABELS))
    if odd:
        raise InputError(f"{path}: expected the verdicts ok and defect, found {odd[0]!r}")
    by_path = {record.path: record.sha256 for record in records}
    unknown = [image for image in frame["image"] if image not in by_path]
    if unknown:
        raise InputError(
            f"{path}: {len(unknown)} of {len(frame)} images are not in the batch, the first is "
            f"{unknown[0]!r}; expected paths as in predictions.csv"
        )
    told: dict[str, float] = {}
    for image, verdict in zip(frame["image"], frame["verdict"], strict=True):
        if told.setdefault(by_path[image], LABELS[verdict]) != LABELS[verdict]:
            raise InputError(f"{path}: {image} is called both ok and defect; keep one verdict")
    return told
