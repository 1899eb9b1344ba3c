"""The machine that looks at stored images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch

from technopro.features.cache import FeatureCache
from technopro.features.extract import Extractor, batches, open_extractor
from technopro.features.looker import Looker
from technopro.features.views import Views
from technopro.features.weights import is_at_hand
from technopro.intake import decode, image_key
from technopro.learner.fitted import FittedPattern
from technopro.learner.prepare import CHUNK
from technopro.plant import Options, Plant, Tick, choose_device, use_threads
from technopro.pseudolabel.inputs import Machine
from technopro.registry import ModelRow
from technopro.store import ObjectStore
from technopro.stored import require_backbone


@dataclass(frozen=True)
class Sight:
    """The backbone on its device, and where the images are."""

    store: ObjectStore
    extractor: Extractor
    machine: Machine
    cache: Path | None = None  # for converted networks
    features: FeatureCache | None = None  # of what was seen before …
    keeps: bool = False  # … and whether what is seen now is added
    others: dict[str, Extractor] = field(default_factory=dict, repr=False)  # by SHA-256

    @property
    def looker(self) -> Looker:
        """What looks at the images by name."""
        return Looker(self.extractor, self.load, self.features, self.keeps)

    def of(self, row: ModelRow) -> Sight:
        """Return the sight by the backbone that a model was learned with.

        Another one than the present is loaded if it is packaged or was fetched before. Raises
        WeightsError where it is not to be had.
        """
        wanted = row.backbone
        if wanted.sha256 == self.extractor.backbone.sha256:
            return self
        if wanted.sha256 not in self.others and is_at_hand(wanted.name):
            other = open_extractor(wanted.name, None, self.machine.device, cache=self.cache)
            self.others[other.backbone.sha256] = other
        if wanted.sha256 not in self.others:
            require_backbone(row, self.extractor.backbone)
        return replace(self, extractor=self.others[wanted.sha256])

    def load(self, sha256: str) -> np.ndarray:
        """Return the (H, W, 3) uint8 pixels of an image."""
        return decode(self.store.get(image_key(sha256)))

    def views(
        self, fitted: FittedPattern, hashes: Sequence[str], folds: Mapping[str, int]
    ) -> Views:
        """Return what a model sees of images, each in its fold."""
        own = torch.tensor([folds[h] for h in hashes])
        return fitted.lens.views(self.looker.look(hashes, fitted.shape), own)

    def evidence(
        self, fitted: FittedPattern, hashes: Sequence[str], folds: Mapping[str, int], tick: Tick
    ) -> np.ndarray:
        """Return (N,): what a model says of images, each scored by the part of its fold."""
        parts = [hashes[part] for part in batches(len(hashes), CHUNK)]
        evidence, done = [np.zeros(0)], 0
        for part, raw in zip(parts, self.looker.looks(parts, fitted.shape), strict=True):
            own = torch.tensor([folds[h] for h in part])
            evidence.append(fitted.evidence(fitted.lens.views(raw, own), self.machine))
            tick(done := done + len(part), len(hashes))
        return np.concatenate(evidence)


def open_sight(plant: Plant, options: Options, *, keeps: bool = False) -> Sight:
    """Load the backbone onto the chosen device, or where it is all the same, the plant's.

    With `keeps`, features of images are kept for later: worth it for what is looked at again.
    """
    settings = plant.settings
    device = choose_device(settings.device if options.device == "auto" else options.device)
    use_threads(options.threads or settings.threads)
    cache = settings.resolved_cache()
    extractor = open_extractor(
        settings.backbone,
        settings.backbone_weights,
        device,
        endpoint_url=settings.s3_endpoint_url,
        cache=cache / "networks",
        compiles=settings.compile,
    )
    most = settings.feature_cache_mb * 2**20
    worth_it = most > 0 and device.type == "cpu"  # a GPU is as fast as the disk
    features = FeatureCache(cache / "features", most) if worth_it else None
    machine = Machine(device, extractor.precision)
    return Sight(plant.store, extractor, machine, cache / "networks", features, keeps)
