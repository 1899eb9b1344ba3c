"""Notice that the Prefect server is away: a run goes on without it, and people are told later."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

import httpx
from prefect.settings import PREFECT_API_URL

EVERY_S, PATIENCE_S = 5.0, 10.0  # between two questions; for an answer


class Absence:
    """How long a server did not answer, from the first question that it left open."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._since: float | None = None
        self._longest_s = 0.0

    def ask(self, answers: Callable[[], bool]) -> None:
        """Ask whether the server is there, and take note."""
        asked = self._clock()
        if answers():
            self._longest_s, self._since = self.longest_s, None
        elif self._since is None:
            self._since = asked

    @property
    def longest_s(self) -> float:
        """The longest absence in seconds; one that lasts counts until now."""
        since = self._since
        return self._longest_s if since is None else max(self._longest_s, self._clock() - since)


@contextmanager
def lookout(answers: Callable[[], bool], every_s: float = EVERY_S) -> Iterator[Absence]:
    """Ask every so often, from a thread of its own, until the block ends."""
    absence, done = Absence(), threading.Event()

    def look() -> None:
        while not done.wait(every_s):
            absence.ask(answers)

    threading.Thread(target=look, name="lookout", daemon=True).start()
    try:
        yield absence
    finally:
        done.set()


def server_answers() -> bool:
    """Return whether the Prefect server is there; without an address nobody misses it.

    Asked in the plain way: Prefect's client would ask again and again for a minute. Nothing secret
    is sent, and a certificate of the plant's own is no absence.
    """
    address = PREFECT_API_URL.value()
    if not address:
        return True
    try:
        health = httpx.get(f"{address}/health", timeout=PATIENCE_S, verify=False)  # noqa: S501
    except httpx.HTTPError:
        return False
    return not health.is_server_error
