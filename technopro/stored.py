"""A stored model, read back only if its bytes are those that were recorded."""

from __future__ import annotations

import hashlib

import safetensors.numpy

from technopro.errors import WeightsError
from technopro.registry import ModelRow
from technopro.results import PatternModel
from technopro.store.port import ObjectStore


def load_model(store: ObjectStore, row: ModelRow) -> PatternModel:
    """Return a stored model; raises WeightsError where its bytes are not those recorded."""
    data = store.get(row.weights_key)
    found = hashlib.sha256(data).hexdigest()
    if found != row.weights_sha256:
        raise WeightsError(
            f"the weights of {row.pattern} {row.version} are damaged: expected SHA-256 "
            f"{row.weights_sha256[:12]}…, found {found[:12]}…; roll back or retrain the pattern"
        )
    return PatternModel(row.pattern, dict(row.recipe), safetensors.numpy.load(data))
