"""The images of a batch and the machine that looks at them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from technopro import registry
from technopro.features.extract import Extractor
from technopro.features.sizing import working_shape
from technopro.forecast import Forecast, forecast
from technopro.plant import Options, Plant, Progress
from technopro.pseudolabel.inputs import Machine
from technopro.recentre import find_centres_again
from technopro.registry import PatternRow
from technopro.results import ImageRecord
from technopro.shards import Shards, Spread
from technopro.sight import Sight, open_sight
from technopro.survey import Survey

Announce = Callable[[Forecast], None]


@dataclass(frozen=True)
class Bench:
    """The images of a batch and the machine that looks at them."""

    plant: Plant
    options: Options
    records: tuple[ImageRecord, ...]  # one a distinct image, by SHA-256
    shards: Shards
    survey: Survey
    forecast: Forecast | None  # of a retrain
    heard: dict[tuple[int, str, int], float] = field(default_factory=dict, repr=False)
    # evidence of each model, image and fold that was asked for already

    @property
    def sight(self) -> Sight:
        return self.shards.sight

    @property
    def extractor(self) -> Extractor:
        return self.sight.extractor

    @property
    def machine(self) -> Machine:
        return self.sight.machine

    @property
    def hashes(self) -> Sequence[str]:
        return self.survey.hashes

    def centre(self, row: PatternRow) -> np.ndarray | None:
        """Return where a known pattern lies among the embeddings; None where nobody knows."""
        other = row.backbone not in (None, self.extractor.backbone.sha256)
        same_width = len(row.centroid) == self.survey.embeddings.shape[1]
        return None if other or not same_width else np.asarray(row.centroid)

    def load(self, sha256: str) -> np.ndarray:
        """Return the (H, W, 3) uint8 pixels of an image."""
        return self.sight.load(sha256)


def open_bench(
    plant: Plant,
    batch_id: int,
    options: Options,
    progress: Progress,
    announce: Announce | None = None,
    spread: Spread | None = None,
    *,
    keeps: bool = False,
) -> Bench:
    """Read a recorded batch, load the backbone onto the chosen device, look at every image.

    `announce`, where given, is told before the work what a retrain is expected to cost. `spread`,
    where given, has large batches looked at and scored by other workers. With `keeps`, features
    are kept for whoever asks again.
    """
    with registry.unit_of_work(plant.engine) as session:
        records = registry.batch_records(session, batch_id)
    distinct = {record.sha256: record for record in records}
    hashes = sorted(distinct)
    ordered = tuple(distinct[sha256] for sha256 in hashes)
    sight = open_sight(plant, options, keeps=keeps)
    expected = None
    if announce is not None:
        expected = forecast(shapes_of(ordered), sight.extractor, options.profile)
        announce(expected)
    find_centres_again(plant, sight, progress)
    shards = Shards(sight, spread)
    looks = shards.looks(hashes, lambda done, total: progress("looking at the images", done, total))
    looked = Survey(hashes, looks.embeddings, looks.exposures, looks.bits, sight.load)
    return Bench(plant, options, ordered, shards, looked, expected)


def shapes_of(records: Sequence[ImageRecord]) -> list[tuple[int, int]]:
    return [working_shape(record.height, record.width) for record in records]
