"""A stored model, read back only if its bytes are those that were recorded."""

from __future__ import annotations

import hashlib

import safetensors.numpy
from safetensors import SafetensorError

from technopro.errors import ObjectMissing, WeightsError
from technopro.registry import ModelRow
from technopro.results import Backbone, PatternModel
from technopro.store.port import ObjectStore


def load_model(store: ObjectStore, row: ModelRow) -> PatternModel:
    """Return a stored model.

    Raises WeightsError where its bytes are not those recorded, ObjectMissing where they are gone.
    """
    data = _bytes(store, row)
    found = hashlib.sha256(data).hexdigest()
    if found != row.weights_sha256:
        raise WeightsError(
            f"the weights of {row.pattern} {row.version} are damaged: expected SHA-256 "
            f"{row.weights_sha256[:12]}…, found {found[:12]}…; roll back or retrain the pattern"
        )
    try:
        return PatternModel(row.pattern, dict(row.recipe), safetensors.numpy.load(data))
    except SafetensorError as error:
        raise WeightsError(
            f"the weights of {row.pattern} {row.version} are no whole safetensors file ({error}); "
            "roll back or retrain the pattern"
        ) from error


def _bytes(store: ObjectStore, row: ModelRow) -> bytes:
    try:
        return store.get(row.weights_key)
    except ObjectMissing as error:
        raise ObjectMissing(
            f"the weights of {row.pattern} {row.version} are gone ({error}); `technopro db prune` "
            "lets those of refused models go after a time, never those of one that judged: if it "
            "did, restore the object store from its copy"
        ) from error


def require_backbone(row: ModelRow, found: Backbone) -> None:
    """Raise WeightsError where a model was learned on other features than there are now."""
    wanted = row.backbone
    if wanted.sha256 != found.sha256:
        raise WeightsError(
            f"{row.pattern} {row.version} was learned with {wanted.name} {wanted.sha256[:12]}…, "
            f"now there is {found.name} {found.sha256[:12]}…; set TECHNOPRO_BACKBONE and "
            "TECHNOPRO_BACKBONE_WEIGHTS back, or retrain the pattern"
        )
