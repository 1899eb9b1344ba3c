"""Reading truth: a `truth.csv`, or a folder in MVTec AD layout."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from technopro.errors import InputError

COLUMNS = ("id", "pattern", "label")


def read_truth(path: Path) -> pd.DataFrame:
    """Return a row an image: id (path without suffix), pattern, label (1 = defect).

    Raises InputError naming what was expected and found.
    """
    if path.is_dir():
        return _read_mvtec(path)
    if not path.is_file():
        raise InputError(f"expected a truth.csv or an MVTec AD folder at {path}, found nothing")
    return _read_csv(path)


def _read_csv(path: Path) -> pd.DataFrame:
    try:
        frame = pd.read_csv(path, dtype={"id": str, "pattern": str})
    except (ValueError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not a CSV file: {error}") from error
    missing = [c for c in COLUMNS if c not in frame.columns]
    if missing:
        raise InputError(f"{path}: expected the columns {', '.join(COLUMNS)}; missing: {missing}")
    odd = sorted(set(frame["label"].dropna()) - {0, 1})
    if odd or frame["label"].isna().any():
        raise InputError(f"{path}: expected labels 0 and 1, found {odd or 'an empty label'}")
    twice = frame.loc[frame["id"].duplicated(), "id"]
    if len(twice):
        raise InputError(
            f"{path}: {len(twice)} ids stand there twice, the first is {twice.iloc[0]}"
        )
    return frame.loc[:, list(COLUMNS)].astype({"label": int})


def _read_mvtec(folder: Path) -> pd.DataFrame:
    """`[category/]test/good/…` and `train/good/…` are fine, `test/<defect>/…` defective."""
    rows = []
    for file in sorted(folder.rglob("*")):
        parts = file.relative_to(folder).with_suffix("").parts
        split = next((i for i, part in enumerate(parts) if part in ("test", "train")), None)
        if not file.is_file() or split is None or split > 1 or len(parts) < split + 3:
            continue
        category = parts[0] if split == 1 else folder.resolve().name
        rows.append(("/".join(parts), category, int(parts[split + 1] != "good")))
    if not rows:
        raise InputError(
            f"expected an MVTec AD layout (test/good, test/<defect>) under {folder}, found none"
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))
