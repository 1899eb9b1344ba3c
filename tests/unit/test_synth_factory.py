"""A written factory: truth that counts right, names that say nothing, the same bytes each time."""

from __future__ import annotations

import csv
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from technopro.errors import InputError
from technopro.synth import write_factory

SMALL: dict[str, Any] = {
    "patterns": 3,
    "images_per_pattern": 6,
    "defects_per_pattern": 2,
    "size": 48,
    "workers": 1,
}


def read_truth(folder: Path) -> list[dict[str, str]]:
    with (folder / "truth.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def all_bytes(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_truth_lists_each_picture_once_with_the_asked_counts(tmp_path: Path) -> None:
    """Images and labels of each pattern are as many as asked for."""
    made = write_factory(tmp_path, **SMALL)
    truth = read_truth(tmp_path)
    assert list(truth[0]) == ["id", "pattern", "label"]
    assert {row["id"] for row in truth} == {p.stem for p in (tmp_path / "images").iterdir()}
    assert set(Counter(row["pattern"] for row in truth).values()) == {6}
    assert Counter(row["pattern"] for row in truth if row["label"] == "1") == {
        spec.name: 2 for spec in made.patterns
    }
    assert (made.images, made.defects, made.nights) == (18, 6, (tmp_path,))


def test_names_and_their_order_tell_neither_label_nor_pattern(tmp_path: Path) -> None:
    """Names are a letter and hexadecimal digits; rows are in the order of the names."""
    write_factory(tmp_path, **SMALL | {"images_per_pattern": 30, "defects_per_pattern": 10})
    truth = read_truth(tmp_path)
    ids = [row["id"] for row in truth]
    assert all(re.fullmatch(r"x[0-9a-f]{15}", name) for name in ids)
    assert ids == sorted(ids)
    changes = sum(a["pattern"] != b["pattern"] for a, b in pairwise(truth))
    assert changes > 30  # grouped by pattern it would be 2; shuffled it is about 59


def test_workers_do_not_change_a_byte(tmp_path: Path) -> None:
    """One process or two: the same files."""
    for workers in (1, 2):
        write_factory(tmp_path / str(workers), **SMALL | {"workers": workers}, masks=True)
    assert all_bytes(tmp_path / "1") == all_bytes(tmp_path / "2")


def test_pictures_are_grey_and_of_the_asked_size_also_when_not_square(tmp_path: Path) -> None:
    """`size` is (height, width)."""
    write_factory(tmp_path, **SMALL | {"size": (40, 72)})
    for path in (tmp_path / "images").iterdir():
        with Image.open(path) as image:
            assert (image.mode, image.size) == ("L", (72, 40))


@pytest.mark.parametrize(("share", "defects"), [(0.0, 0), (0.5, 9), (1.0, 18)])
def test_the_share_takes_the_place_of_the_count(tmp_path: Path, share: float, defects: int) -> None:
    """A night without any defect is possible, and one with nothing else."""
    made = write_factory(tmp_path, **SMALL, defect_share=share)
    assert sum(row["label"] == "1" for row in read_truth(tmp_path)) == made.defects == defects


def test_masks_are_written_for_defects_only(tmp_path: Path) -> None:
    """White on black, the size of the picture, never empty."""
    write_factory(tmp_path, **SMALL, masks=True)
    bad = {row["id"] for row in read_truth(tmp_path) if row["label"] == "1"}
    assert {path.stem for path in (tmp_path / "masks").iterdir()} == bad
    for name in bad:
        with Image.open(tmp_path / "masks" / f"{name}.png") as image:
            assert image.size == (48, 48)
            assert set(np.unique(np.asarray(image))) == {0, 255}


def test_a_new_pattern_appears_in_the_last_night_only(tmp_path: Path) -> None:
    """Nights lie in their own folders and share no picture."""
    made = write_factory(tmp_path, **SMALL, nights=3, new_pattern=True)
    assert [night.name for night in made.nights] == ["night-01", "night-02", "night-03"]
    seen = [{row["pattern"] for row in read_truth(night)} for night in made.nights]
    assert seen[0] == seen[1]
    assert seen[2] - seen[0] == {made.patterns[-1].name}
    pictures = [path.read_bytes() for path in tmp_path.rglob("images/*.png")]
    assert len(set(pictures)) == len(pictures) == made.images == 18 + 18 + 24


def test_drift_grows_from_nothing_for_the_first_pattern_alone(tmp_path: Path) -> None:
    """The first night and the other patterns look as they would without drift."""
    for name, drift in (("plain", 0.0), ("drifting", 1.0)):
        write_factory(tmp_path / name, **SMALL, nights=3, drift=drift)
    plain, drifting = tmp_path / "plain", tmp_path / "drifting"
    assert _pictures(plain, 1) == _pictures(drifting, 1)
    changed = [_pictures(plain, n) - _pictures(drifting, n) for n in (2, 3)]
    assert [len(pictures) for pictures in changed] == [6, 6]
    dark = [
        np.mean([_mean(p) for p in _pictures(drifting, n) - _pictures(plain, n)]) for n in (2, 3)
    ]
    assert dark[1] < dark[0] < np.mean([_mean(p) for p in changed[0]])


def _pictures(factory: Path, night: int) -> set[bytes]:
    folder = factory / f"night-{night:02d}" / "images"
    return {np.asarray(Image.open(path)).tobytes() for path in folder.iterdir()}


def _mean(picture: bytes) -> float:
    return float(np.frombuffer(picture, np.uint8).mean())


def test_families_can_be_restricted(tmp_path: Path) -> None:
    """Only the chosen families are drawn."""
    made = write_factory(tmp_path, **SMALL, families=["woven", "grain"])
    assert [spec.name for spec in made.patterns] == ["woven-1", "grain-1", "woven-2"]


def test_progress_ends_at_the_number_of_pictures(tmp_path: Path) -> None:
    """The callback hears rising counts and the total."""
    heard: list[tuple[int, int]] = []
    write_factory(tmp_path, **SMALL, progress=lambda done, total: heard.append((done, total)))
    assert heard == sorted(heard)
    assert heard[-1] == (18, 18)


def test_writing_the_same_again_is_allowed_and_changes_nothing(tmp_path: Path) -> None:
    """A broken-off run can simply be started again."""
    write_factory(tmp_path, **SMALL)
    before = all_bytes(tmp_path)
    write_factory(tmp_path, **SMALL)
    assert all_bytes(tmp_path) == before


def test_another_factory_is_overwritten_only_when_told_to(tmp_path: Path) -> None:
    """Overwriting removes the old pictures, so that truth and pictures agree."""
    write_factory(tmp_path, **SMALL, nights=2, masks=True)
    with pytest.raises(InputError, match=r"night-01.*overwrit"):
        write_factory(tmp_path, **SMALL | {"seed": 1})
    write_factory(tmp_path, **SMALL | {"seed": 1}, overwrite=True)
    assert len(list(tmp_path.rglob("*.png"))) == 18
    assert len(list(tmp_path.rglob("truth.csv"))) == 1


def test_files_of_others_are_neither_mixed_in_nor_removed(tmp_path: Path) -> None:
    """A folder with unknown pictures is refused, even when overwriting."""
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "holiday.png").write_bytes(b"mine")
    with pytest.raises(InputError, match=r"holiday\.png"):
        write_factory(tmp_path, **SMALL, overwrite=True)
    assert all_bytes(tmp_path) == {"images/holiday.png": b"mine"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"families": ["velvet"]}, r"'velvet'; known are: moire"),
        ({"kinds": ["dent"]}, r"moire shows none.*\(dent\)"),
        ({"defects_per_pattern": 7}, "7 defects do not fit into 6"),
        ({"defects_per_pattern": -1}, "-1 defects"),
        ({"defect_share": 1.2}, "from 0 to 1"),
        ({"defect_share": float("nan")}, "from 0 to 1"),
        ({"size": 16}, "32 pixels"),
        ({"images_per_pattern": 0}, "0 images"),
        ({"patterns": 0}, "at least one pattern"),
        ({"nights": 0}, "0 nights"),
        ({"seed": -1}, "seed -1"),
        ({"workers": 0}, "at least one worker"),
        ({"drift": 0.5}, "2 or more"),
        ({"new_pattern": True}, "2 or more"),
    ],
)
def test_options_that_make_no_sense_are_refused_before_anything_is_written(
    tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    """The message names the rule and what was found."""
    with pytest.raises(InputError, match=message):
        write_factory(tmp_path / "out", **SMALL | options)
    assert not (tmp_path / "out").exists()
