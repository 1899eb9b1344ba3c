"""Where a flow's progress goes: to the terminal that asked for it, or into Prefect."""

from __future__ import annotations

from contextlib import suppress
from contextvars import ContextVar
from time import monotonic
from typing import cast
from uuid import UUID

import httpx
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.exceptions import PrefectException
from prefect.logging import get_run_logger

from technopro.plant import Progress

TERMINAL: ContextVar[Progress | None] = ContextVar("terminal", default=None)
EVERY_S = 10.0  # between two updates of a stage's bar


def run_progress() -> Progress:
    """Return the terminal's progress if there is one, else one that Prefect shows."""
    return TERMINAL.get() or _InPrefect()


class _InPrefect:
    """Log each stage when it begins, and move a bar; a server that is away costs the bar only."""

    def __init__(self) -> None:
        self._logger = get_run_logger()
        self._stage = ""
        self._bar: UUID | None = None
        self._moved = -EVERY_S

    def __call__(self, stage: str, done: int, total: int) -> None:
        begins = stage != self._stage
        if begins:
            self._logger.info("%s (%d)", stage, total)
            self._stage = stage
        if begins or done == total or monotonic() - self._moved >= EVERY_S:
            self._moved = monotonic()
            with suppress(PrefectException, httpx.HTTPError, RuntimeError):
                self._move(100.0 * done / max(total, 1), stage)

    def _move(self, percent: float, stage: str) -> None:
        if self._bar is None:
            made = create_progress_artifact(percent, key="progress", description=stage)
            self._bar = cast("UUID", made)
        else:
            update_progress_artifact(self._bar, percent, description=stage)
