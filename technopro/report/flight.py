"""The flight recorder as a table: one row an image and round."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from technopro.fold import fold_of
from technopro.learner.seen import restore_seen
from technopro.pseudolabel.flight import restore_flight
from technopro.registry import ModelRow
from technopro.store.port import ObjectStore
from technopro.stored import load_model


def flight_table(
    store: ObjectStore, models: Iterable[ModelRow], scores: pd.DataFrame
) -> pd.DataFrame:
    """Return what each model took its own images for, of those in `scores`, by path and round.

    `label` is empty where an image was left out; `logit_k` is what the Swin of fold k said, which
    was not trained on the images of fold k.
    """
    paths = scores.groupby("sha256")["path"].min()
    table = pd.concat([_of_model(store, model) for model in models])
    table.insert(0, "image", table.pop("sha256").map(paths))
    return table.dropna(subset="image").sort_values(["image", "round"], kind="stable")


def _of_model(store: ObjectStore, row: ModelRow) -> pd.DataFrame:
    tensors = load_model(store, row).tensors
    flight, hashes = restore_flight(tensors), list(restore_seen(tensors))
    if flight is None:
        return pd.DataFrame({"sha256": [], "round": []})
    return pd.concat(
        pd.DataFrame(
            {
                "sha256": hashes,
                "pattern": row.pattern,
                "round": number,
                "fold": [fold_of(sha256) for sha256 in hashes],
                "label": labels,
                "score": score,
                **{f"logit_{fold}": own for fold, own in enumerate(logits)},
                "instability": flight.instability,
            }
        )
        for number, (labels, score, logits) in enumerate(
            zip(flight.labels, flight.scores, flight.logits, strict=True), 1
        )
    )
