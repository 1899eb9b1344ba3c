"""Learn the patterns of a batch anew."""

from __future__ import annotations

from prefect import flow

from flows.hooks import COMMON
from flows.steps import Effort, learn, newest_batch
from technopro.pipeline import Which


@flow(name="retrain", **COMMON)
def retrain(
    batch_id: int | None = None,
    effort: Effort = Effort(),  # noqa: B008
    patterns: list[str] = [],  # noqa: B006
    which: Which = "all",
) -> str:
    """Retrain on a batch, by default the newest; returns the run id in the registry.

    `which` patterns are learned: all, those that are new or have changed, or the new ones. With
    `patterns`, no others are.
    """
    return learn(newest_batch(batch_id), effort, which=which, patterns=patterns)
