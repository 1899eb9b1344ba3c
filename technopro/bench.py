"""The images of a batch and the machine that looks at them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from technopro import registry
from technopro.features.extract import Extractor, open_extractor
from technopro.features.sizing import working_shape
from technopro.forecast import Forecast, forecast
from technopro.intake import decode, image_key
from technopro.plant import Options, Plant, Progress, choose_device, use_threads
from technopro.pseudolabel.inputs import Machine
from technopro.results import ImageRecord
from technopro.survey import Survey, survey

Announce = Callable[[Forecast], None]


@dataclass(frozen=True)
class Bench:
    """The images of a batch and the machine that looks at them."""

    plant: Plant
    options: Options
    records: tuple[ImageRecord, ...]  # one a distinct image, by SHA-256
    extractor: Extractor
    machine: Machine
    survey: Survey
    forecast: Forecast | None  # of a retrain
    heard: dict[tuple[int, str, int], float] = field(default_factory=dict, repr=False)
    # evidence of each model, image and fold that was asked for already

    @property
    def hashes(self) -> Sequence[str]:
        return self.survey.hashes

    def load(self, sha256: str) -> np.ndarray:
        """Return the (H, W, 3) uint8 pixels of an image."""
        return self.survey.load(sha256)


def open_bench(
    plant: Plant,
    batch_id: int,
    options: Options,
    progress: Progress,
    announce: Announce | None = None,
) -> Bench:
    """Read a recorded batch, load the backbone onto the chosen device, look at every image.

    `announce`, where given, is told before the work what a retrain is expected to cost.
    """
    with registry.unit_of_work(plant.engine) as session:
        records = registry.batch_records(session, batch_id)
    distinct = {record.sha256: record for record in records}
    device = choose_device(options.device)
    use_threads(options.threads)
    settings = plant.settings
    extractor = open_extractor(
        settings.backbone,
        settings.backbone_weights,
        device,
        endpoint_url=settings.s3_endpoint_url,
    )
    hashes = sorted(distinct)
    ordered = tuple(distinct[sha256] for sha256 in hashes)
    expected = None
    if announce is not None:
        expected = forecast(shapes_of(ordered), extractor, options.profile)
        announce(expected)
    looked = survey(
        hashes,
        lambda sha256: decode(plant.store.get(image_key(sha256))),
        extractor,
        lambda done, total: progress("looking at the images", done, total),
    )
    machine = Machine(device, extractor.precision)
    return Bench(plant, options, ordered, extractor, machine, looked, expected)


def shapes_of(records: Sequence[ImageRecord]) -> list[tuple[int, int]]:
    return [working_shape(record.height, record.width) for record in records]
