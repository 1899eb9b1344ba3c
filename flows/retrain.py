"""Learn the patterns of a batch anew."""

from __future__ import annotations

from prefect import flow

from flows.hooks import COMMON
from flows.steps import Effort, learn, newest_batch


@flow(name="retrain", **COMMON)
def retrain(
    batch_id: int | None = None,
    effort: Effort = Effort(),  # noqa: B008
    patterns: list[str] = [],  # noqa: B006
) -> str:
    """Retrain on a batch, by default the newest; returns the run id in the registry.

    With `patterns`, no others are learned.
    """
    return learn(newest_batch(batch_id), effort, patterns=patterns)
