"""A recorded score, computed again from the stored weights and the stored image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from technopro import registry
from technopro.errors import InputError
from technopro.fold import fold_of
from technopro.learner.fitted import FittedPattern, restore
from technopro.plant import Options, Plant
from technopro.registry import Judgement
from technopro.results import Fault
from technopro.sight import Sight, open_sight
from technopro.stored import load_model

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
        self._sight = open_sight(plant, Options())
        self._models: dict[int, tuple[Sight, FittedPattern]] = {}

    def replay(self, judged: Judgement) -> Replayed:
        """Return the score again, from nothing but stored bytes.

        Raises InputError for a picture that no model scored, WeightsError for damaged weights or a
        backbone that is not to be had, ObjectMissing where the image or the weights are gone.
        """
        fitted, evidence = self._asked(judged)
        score = float(fitted.calibration(np.array([evidence]))[0])
        return Replayed(score, float(np.abs(score - judged.score)))

    def evidence(self, judged: Judgement) -> float:
        """Return what lies behind the score, in spreads; raises as `replay` does."""
        return self._asked(judged)[1]

    def _asked(self, judged: Judgement) -> tuple[FittedPattern, float]:
        if judged.fault not in (None, Fault.DUPLICATE):
            raise InputError(
                f"the picture was put to a person because it is {judged.fault}; no model scored it"
            )
        sight, fitted = self._model(judged.model_id)
        folds = {judged.sha256: fold_of(judged.like or judged.sha256)}
        evidence = sight.evidence(fitted, [judged.sha256], folds, lambda _done, _total: None)
        return fitted, float(evidence[0])

    def _model(self, model_id: int) -> tuple[Sight, FittedPattern]:
        if model_id not in self._models:
            with registry.unit_of_work(self._plant.engine) as session:
                row = registry.model_by_id(session, model_id)
            sight = self._sight.of(row)
            fitted = restore(load_model(self._plant.store, row), sight.machine.device)
            self._models[model_id] = sight, fitted
        return self._models[model_id]
