"""The files of `technopro inspect`, byte for byte repeatable."""

from __future__ import annotations

import csv
import io
import json
import math
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from technopro.results import Quarantined

PREDICTION_COLUMNS = ("image", "sha256", "pattern", "score", "decision", "model_version")
DIGITS = 9  # of a score: enough to keep the order of images that are all nearly certain


def write_predictions(path: Path, scores: pd.DataFrame) -> None:
    """Write predictions.csv from a frame with `path` and the other columns, sorted by path."""
    ordered = scores.rename(columns={"path": "image"}).sort_values("image", kind="stable")
    ordered["score"] = ordered["score"].map(lambda score: f"{score:.{DIGITS}f}")
    _write_csv(path, PREDICTION_COLUMNS, ordered[list(PREDICTION_COLUMNS)].to_numpy().tolist())


def write_quarantine(path: Path, quarantined: Iterable[Quarantined]) -> None:
    """Write quarantine.csv."""
    _write_csv(path, ("image", "reason"), ((q.path, q.reason) for q in quarantined))


def write_faults(path: Path, scores: pd.DataFrame) -> None:
    """Write faults.csv: pictures that say nothing about their part, or nothing new."""
    faulty = scores[scores["fault"].notna()].sort_values("path", kind="stable")
    first = scores.drop_duplicates("sha256").set_index("sha256")["path"]
    like = faulty["like"].map(first).fillna("")
    rows = zip(faulty["path"], faulty["pattern"], faulty["fault"], like, strict=True)
    _write_csv(path, ("image", "pattern", "fault", "like"), rows)


def write_flight(path: Path, table: pd.DataFrame) -> None:
    """Write rounds.csv."""
    text = table.to_csv(index=False, float_format="%.5g", lineterminator="\n")
    write_whole(path, text.encode("utf-8", "backslashreplace"))


def write_summary(path: Path, summary: dict[str, Any]) -> None:
    """Write summary.json; figures that are not numbers become null."""
    write_whole(path, (json.dumps(_plain(summary), indent=2, ensure_ascii=False) + "\n").encode())


def write_whole(path: Path, data: bytes) -> None:
    """Write a file under a temporary name and move it into place."""
    draft = path.with_name(f".{path.name}.part")
    draft.write_bytes(data)
    os.replace(draft, path)  # noqa: PTH105


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    write_whole(path, text.getvalue().encode("utf-8", "backslashreplace"))


def _plain(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
