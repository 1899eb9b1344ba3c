"""Notice that the Prefect server is away: a run goes on without it, and people are told later."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from prefect.client.orchestration import get_client

EVERY_S = 5.0  # between two questions


class Absence:
    """The longest time, in seconds, between two answers of a server; a client may ask for long."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.longest_s = 0.0
        self._clock = clock
        self._answered = clock()

    def saw(self, answers: bool) -> None:
        """Take note of an answer, or of none."""
        now = self._clock()
        self.longest_s = max(self.longest_s, now - self._answered)
        if answers:
            self._answered = now


@contextmanager
def lookout(answers: Callable[[], bool], every_s: float = EVERY_S) -> Iterator[Absence]:
    """Ask every so often, from a thread of its own, until the block ends."""
    absence, done = Absence(), threading.Event()

    def look() -> None:
        while not done.wait(every_s):
            absence.saw(answers())

    watch = threading.Thread(target=look, name="lookout", daemon=True)
    watch.start()
    try:
        yield absence
    finally:
        done.set()


def server_answers() -> bool:
    """Return whether the Prefect server is there."""
    with get_client(sync_client=True) as client:
        return client.api_healthcheck() is None
