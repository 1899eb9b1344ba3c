"""Where a flow's progress goes: to the terminal that asked for it, or to the run's log."""

from __future__ import annotations

from contextvars import ContextVar

from technopro.plant import Progress

TERMINAL: ContextVar[Progress | None] = ContextVar("terminal", default=None)


def run_progress() -> Progress:
    """Return the terminal's progress if there is one, else one that logs each stage once."""
    return TERMINAL.get() or _Log()


class _Log:
    """Log a stage when it begins."""

    def __init__(self) -> None:
        from prefect.logging import get_run_logger

        self._logger = get_run_logger()
        self._last = ""

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage != self._last:
            self._logger.info("%s (%d)", stage, total)
            self._last = stage
