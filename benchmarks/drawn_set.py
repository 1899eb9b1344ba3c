"""One drawn surface as the learner takes it, with the labels apart."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from technopro.evaluation.truth import read_truth
from technopro.features.sizing import working_shape
from technopro.intake import decode
from technopro.learner.prepare import Images
from technopro.synth import write_factory


def drawn_set(
    folder: Path, family: str, *, images: int, defects: int, size: int, seed: int
) -> tuple[Images, np.ndarray]:
    """Draw a surface into a folder; returns its images and their labels, 0 or 1."""
    write_factory(
        folder,
        patterns=1,
        images_per_pattern=images,
        defects_per_pattern=defects,
        size=size,
        seed=seed,
        families=(family,),
        workers=1,
    )
    files = sorted((folder / "images").glob("*.png"))
    data = {hashlib.sha256(f.read_bytes()).hexdigest(): f for f in files}
    truth = read_truth(folder / "truth.csv").set_index("id")["label"]
    label = np.array([truth[file.stem] for file in data.values()])
    shape = working_shape(size, size)
    return Images(list(data), lambda h: decode(data[h].read_bytes()), shape), label
