"""An HTTP proxy in front of a real S3 server that makes trouble on demand."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

SLOW_DOWN = (
    b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>SlowDown</Code>'
    b"<Message>Please reduce your request rate.</Message></Error>"
)
HOP_BY_HOP = {"connection", "transfer-encoding", "keep-alive"}
Trouble = Callable[["Request"], None]


@dataclass
class Proxy:
    """Where it listens, what it does to requests, and what it has seen."""

    url: str
    trouble: Trouble = lambda _: None
    seen: list[str] = field(default_factory=list)  # "GET /bucket/key"


class Request(BaseHTTPRequestHandler):
    """One request on its way through; troubles call its methods."""

    protocol_version = "HTTP/1.1"
    behind: str  # host:port of the real server
    proxy: Proxy

    def __getattr__(self, name: str) -> object:
        if name.startswith("do_"):
            return self._pass_on
        raise AttributeError(name)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    @property
    def what(self) -> str:
        return f"{self.command} {urlsplit(self.path).path}"

    def throttle(self) -> None:
        """Answer as S3 does where it is asked too much."""
        self.send_response(503)
        self.send_header("Content-Length", str(len(SLOW_DOWN)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(SLOW_DOWN)
        raise Answered

    def hang_up(self) -> None:
        """Close the connection without a word."""
        raise Answered

    def cut_off(self) -> None:
        """Let half of the body through."""
        self.cut = True

    def _pass_on(self) -> None:
        self.cut = False
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.proxy.seen.append(self.what)
        self.close_connection = True
        try:
            self.proxy.trouble(self)
            self._answer(body)
        except Answered:
            pass

    def _answer(self, body: bytes) -> None:
        there = http.client.HTTPConnection(self.behind, timeout=60)
        there.request(self.command, self.path, body, dict(self.headers))
        answer = there.getresponse()
        data = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {*HOP_BY_HOP, "content-length"}:
                self.send_header(name, value)
        length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(data))
        self.send_header("Content-Length", length or "0")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if self.cut else data)
        there.close()


class Answered(Exception):
    """The request has had its answer, or gets none."""


@contextmanager
def fault_proxy(endpoint: str) -> Iterator[Proxy]:
    """Yield a proxy in front of an S3 server; signatures stay valid, since Host is passed on."""
    proxy = Proxy("")
    handler = type("Handler", (Request,), {"behind": urlsplit(endpoint).netloc, "proxy": proxy})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    proxy.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def the_first(count: int, of: str, what: Callable[[Request], None]) -> Trouble:
    """Make trouble with the first so many requests that hold these words."""
    lock, left = threading.Lock(), [count]

    def trouble(request: Request) -> None:
        with lock:
            hit = of in request.what and left[0] > 0
            left[0] -= hit
        if hit:
            what(request)

    return trouble


def slowly(seconds: float) -> Trouble:
    """Let every request wait."""
    return lambda _request: time.sleep(seconds)
