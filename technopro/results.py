"""What the stages hand to each other: plain frozen dataclasses, nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import numpy as np

FEWEST_OF_A_SHARE = 12  # images below which a share of defects is not estimated


class Decision(StrEnum):
    """What is to happen with a part."""

    OK = "ok"
    REVIEW = "review"
    DEFECT = "defect"


class Fault(StrEnum):
    """Why a picture says nothing about its part."""

    DARK = "dark"
    SATURATED = "saturated"
    EMPTY = "empty"
    BLURRED = "blurred"
    FOREIGN = "foreign"
    DUPLICATE = "duplicate"


def is_unknown(decision: Decision, separable: bool) -> bool:
    """Return whether nobody can call a part good: its pattern does not tell good from bad."""
    return decision is Decision.OK and not separable


def is_judged(fault: str | None) -> bool:
    """Return whether a picture with such a fault tells something of its part: only a copy does."""
    return fault is None or fault == Fault.DUPLICATE


@dataclass(frozen=True)
class Estimate:
    """A figure with its interval (90 % unless said otherwise)."""

    estimate: float
    low: float
    high: float

    def as_share(self, separable: bool = True) -> str:
        """Return a share in words; where nothing was told apart its interval alone is known."""
        estimate = f"{self.estimate:.1%}" if separable else "not known"
        return f"{estimate} ({self.low:.1%} to {self.high:.1%})"


@dataclass(frozen=True)
class ImageRecord:
    """One readable image of a batch. Identity is the SHA-256 of the file's bytes."""

    path: str  # relative to the source, POSIX
    sha256: str
    key: str  # object key of the original bytes
    size_bytes: int
    width: int
    height: int
    format: str  # PNG, JPEG, …
    modified: datetime | None = None  # UTC
    captured: datetime | None = None  # as the camera wrote it into the file
    stamp: str | None = field(default=None, compare=False)  # see `store.ObjectInfo`


@dataclass(frozen=True)
class Quarantined:
    """A file that cannot be used, and why."""

    path: str
    reason: str
    stamp: str | None = field(default=None, compare=False)  # None: another try may read it


@dataclass(frozen=True)
class Batch:
    """What one night brought."""

    source: str  # folder or s3:// URI
    images: tuple[ImageRecord, ...]  # one per readable file; duplicates repeat a sha256
    quarantined: tuple[Quarantined, ...]
    stored: int = 0  # objects newly written; the rest was there already
    line: str | None = None  # of production


@dataclass(frozen=True)
class Backbone:
    """Which frozen network made the features, and from where its weights came."""

    name: str
    source: str
    sha256: str


@dataclass(frozen=True)
class PatternModel:
    """Everything needed to score an image of one pattern; arrays go into one safetensors file."""

    pattern: str
    recipe: dict[str, Any]  # JSON: settings, seed, sizes, backbone, metrics
    tensors: dict[str, np.ndarray] = field(repr=False)


@dataclass(frozen=True)
class Prediction:
    """The product's opinion of one image."""

    sha256: str
    pattern: str
    score: float  # 0 to 1, higher is worse, comparable across patterns
    decision: Decision
    model_version: str
    fault: Fault | None = None  # of the picture, not of the part
    like: str | None = None  # of a duplicate: SHA-256 of the image it repeats
    distance: float | None = None  # to its pattern's centre, see `patterns.recognise.assign`


@dataclass(frozen=True)
class PatternNight:
    """One pattern in one batch: how many defects, at which threshold, how sure."""

    pattern: str
    images: int
    separable: bool
    defect_share: Estimate  # 0 to 1; where not separable the interval alone says something
    threshold: float  # score from which an image is a defect
    review_threshold: float  # score from which an image is put to a person
    flagged: int  # images decided `defect`
    quality: Estimate  # ROC-AUC estimated without labels
    model_version: str

    @property
    def mostly_defective(self) -> bool:
        """Whether more parts score as defects than a night of mostly sound parts can hold."""
        return self.separable and self.defect_share.estimate > 0.5
