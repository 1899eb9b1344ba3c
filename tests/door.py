"""A door in front of a server: shut, nobody gets in, and who was in is thrown out."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from flows.server import free_port

CHUNK = 65_536  # bytes


class Door:
    """Passes connections on to `behind` (host, port) while it is open."""

    def __init__(self, behind: tuple[str, int]) -> None:
        self.behind, self.port = behind, free_port()
        self._lock, self._inside = threading.Lock(), set[socket.socket]()
        self._listener: socket.socket | None = None
        self.open()

    def open(self) -> None:
        """Let people in again."""
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=128)
        threading.Thread(target=self._answer, args=(self._listener,), daemon=True).start()

    def shut(self) -> None:
        """End every connection; new ones are refused."""
        listener, self._listener = self._listener, None
        if listener is not None:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        with self._lock:
            for one in self._inside:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
            self._inside.clear()

    def _answer(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                outside, _ = listener.accept()
                try:
                    inside = socket.create_connection(self.behind)
                except OSError:
                    outside.close()
                    continue
                with self._lock:
                    self._inside |= {outside, inside}
                for pair in ((outside, inside), (inside, outside)):
                    threading.Thread(target=self._pass, args=pair, daemon=True).start()

    def _pass(self, taken: socket.socket, given: socket.socket) -> None:
        with suppress(OSError):
            while data := taken.recv(CHUNK):
                given.sendall(data)
        for one in (taken, given):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        with self._lock:
            self._inside -= {taken, given}
        taken.close()


@contextmanager
def door(url: str) -> Iterator[tuple[Door, str]]:
    """Yield a door in front of the server at `url`, and the address through it."""
    there = urlsplit(url)
    assert there.hostname
    assert there.port
    opened = Door((there.hostname, there.port))
    try:
        yield opened, url.replace(f":{there.port}", f":{opened.port}", 1)
    finally:
        opened.shut()
