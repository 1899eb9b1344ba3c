"""Take in new images."""

from __future__ import annotations

from prefect import flow

from flows.hooks import COMMON
from flows.steps import take_in


@flow(name="ingest", **COMMON)
def ingest(source: str | None = None, line: str | None = None) -> int:
    """Take in a folder or s3:// prefix, by default the one in the settings; returns the batch.

    `line` is the production line that it comes from.
    """
    return take_in(source, line)
