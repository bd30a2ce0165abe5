"""An HTTP proxy in front of the emulator. It forwards requests, and injects faults into the responses."""

import http.client
import json
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

MAX_SECONDS = 60
FORWARDED = ("Content-Type", "Location", "Range")
"""Headers of a response; the last two are those of a resumable upload."""
UNAVAILABLE = {"error": {"code": 503, "errors": [{"reason": "backendError", "message": "Try again."}]}}


@dataclass
class Fault:
    """A fault for requests that match."""

    line: str
    """A regular expression for the method and path of the request."""
    do: str | Callable[[bytes, Callable[[], dict[str, Any]]], dict[str, Any]]
    """`drop`, `reset` or `silence`, all after the request was forwarded; `cut`, which resets the connection after half of
    the request's body, and `unavailable`, a 503, both without forwarding it; or a function that returns the response. It
    gets the body of the request and a function that forwards it."""
    body: str = ""
    """A regular expression for the body of the request."""
    delay_seconds: float = 0.0
    """How long the fault waits before it happens."""
    times: int = 1_000_000
    """How many more requests have the fault."""

    def matches(self, line: str, body: bytes) -> bool:
        return (
            self.times > 0
            and re.search(self.line, line) is not None
            and re.search(self.body.encode(), body, re.IGNORECASE) is not None
        )


@dataclass
class Proxy:
    url: str
    faults: list[Fault] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    """Method and path of every request, in order."""
    refusal: Callable[[str, str, bytes], tuple[int, str, bytes] | None] = lambda *_: None
    """Status, content type and body that answer a request in place of the emulator, from its method, path and body."""
    ended: threading.Event = field(default_factory=threading.Event)

    def fault(self, line: str, body: bytes, *, cuts: bool = False) -> Fault | None:
        """The first fault of a request: one of those that cut its body off, or one of the others."""
        return next(
            (each for each in self.faults if (each.do == "cut") is cuts and each.matches(line, body)), None
        )

    def seen(self, line: str) -> int:
        return sum(re.search(line, seen) is not None for seen in self.lines)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, emulator: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = urlsplit(emulator)
        self.proxy = Proxy(f"http://127.0.0.1:{self.server_port}")

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that closed the connection: the faults cause this."""


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        pass

    def handle_one(self) -> None:
        line = f"{self.command} {self.path}"
        self.server.proxy.lines.append(line)
        length = int(self.headers.get("Content-Length") or 0)
        cut = self.server.proxy.fault(line, b"", cuts=True)
        body = self.rfile.read(length // 2 if cut else length)
        fault = cut or self.server.proxy.fault(line, body)
        if fault is None:
            refusal = self.server.proxy.refusal(self.command, self.path, body)
            status, headers, content = (
                (refusal[0], {"Content-Type": refusal[1]}, refusal[2]) if refusal else self._forward(body)
            )
            self._answer(status, headers, content)
            return
        fault.times -= 1
        self.server.proxy.ended.wait(fault.delay_seconds)
        self._inject(fault, body)

    def _inject(self, fault: Fault, body: bytes) -> None:
        if callable(fault.do):
            answer = fault.do(body, lambda: dict(json.loads(self._forward(body)[2])))
            self._answer(200, {}, json.dumps(answer).encode())
        elif fault.do == "unavailable":
            self._answer(503, {}, json.dumps(UNAVAILABLE).encode())
        else:
            if fault.do != "cut":
                self._forward(body)
            if fault.do == "silence":
                self.server.proxy.ended.wait(MAX_SECONDS)
            self._close(is_reset=fault.do in {"cut", "reset"})

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_one  # noqa: N815 - the names that the server calls

    def _close(self, *, is_reset: bool) -> None:
        self.close_connection = True
        if is_reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def _forward(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(
            str(self.server.upstream.hostname), self.server.upstream.port, timeout=MAX_SECONDS
        )
        connection.request(self.command, self.path, body or None, dict(self.headers))
        answer = connection.getresponse()
        headers = {name: answer.headers[name] for name in FORWARDED if name in answer.headers}
        found = answer.status, headers, answer.read()
        connection.close()
        return found

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def in_front_of(emulator: str) -> Iterator[Proxy]:
    """A proxy on a free loopback port, until the block ends."""
    server = _Server(emulator)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.proxy
    finally:
        server.proxy.ended.set()
        server.shutdown()
        server.server_close()
        thread.join(MAX_SECONDS)
