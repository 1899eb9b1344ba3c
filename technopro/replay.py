"""A recorded score, computed again from the stored weights and the stored image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from technopro import registry
from technopro.errors import InputError
from technopro.features.extract import open_extractor
from technopro.features.sizing import resize
from technopro.features.views import look
from technopro.intake import decode, image_key
from technopro.learner.fitted import FittedPattern, restore
from technopro.plant import Plant, choose_device, use_threads
from technopro.pseudolabel.inputs import Machine
from technopro.registry import Judgement
from technopro.results import Fault
from technopro.seeding.seed import fold_of
from technopro.stored import load_model, require_backbone

TOLERANCE = 1e-6


@dataclass(frozen=True)
class Replayed:
    """What came out."""

    score: float
    difference: float  # from what was recorded

    @property
    def equal(self) -> bool:
        return self.difference <= TOLERANCE


class Replayer:
    """Computes recorded scores again; keeps the backbone and the last models at hand."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        settings = plant.settings
        use_threads(settings.threads)
        device = choose_device(settings.device)
        self._extractor = open_extractor(
            settings.backbone,
            settings.backbone_weights,
            device,
            endpoint_url=settings.s3_endpoint_url,
        )
        self._machine = Machine(device, self._extractor.precision)
        self._fitted: dict[int, FittedPattern] = {}

    def replay(self, judged: Judgement) -> Replayed:
        """Return the score again, from nothing but stored bytes.

        Raises InputError for a picture that no model scored, WeightsError for damaged weights or
        another backbone, ObjectMissing where the image or the weights are gone.
        """
        if judged.fault not in (None, Fault.DUPLICATE):
            raise InputError(
                f"the picture was put to a person because it is {judged.fault}; no model scored it"
            )
        fitted = self._model(judged.model_id)
        pixels = decode(self._plant.store.get(image_key(judged.sha256)))
        images = np.stack([resize(pixels, fitted.shape)])
        folds = torch.tensor([fold_of(judged.like or judged.sha256)])
        views = fitted.lens.views(look(self._extractor, images), folds)
        score = float(fitted.calibration(fitted.evidence(views, self._machine))[0])
        return Replayed(score, float(np.abs(score - judged.score)))

    def _model(self, model_id: int) -> FittedPattern:
        if model_id not in self._fitted:
            with registry.unit_of_work(self._plant.engine) as session:
                row = registry.model_by_id(session, model_id)
            require_backbone(row, self._extractor.backbone)
            model = load_model(self._plant.store, row)
            self._fitted[model_id] = restore(model, self._machine.device)
        return self._fitted[model_id]
