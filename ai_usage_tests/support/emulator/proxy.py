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


@dataclass
class Fault:
    """A fault for requests that match."""

    line: str
    """A regular expression for the method and path of the request."""
    do: str | Callable[[bytes, Callable[[], dict[str, Any]]], dict[str, Any]]
    """`drop`, `reset` or `silence`, all after the request was forwarded; or a function that returns the response. It gets
    the body of the request and a function that forwards it."""
    body: str = ""
    """A regular expression for the body of the request."""
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

    def seen(self, line: str) -> int:
        return sum(re.search(line, seen) is not None for seen in self.lines)


@contextmanager
def in_front_of(emulator: str) -> Iterator[Proxy]:
    """A proxy on a free loopback port, until the block ends."""
    upstream = urlsplit(emulator)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            pass

        def handle_one(self) -> None:
            line = f"{self.command} {self.path}"
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            proxy.lines.append(line)
            fault = next((fault for fault in proxy.faults if fault.matches(line, body)), None)
            if fault is None:
                self._answer(*(proxy.refusal(self.command, self.path, body) or self._forward(body)))
                return
            fault.times -= 1
            if callable(fault.do):
                answer = fault.do(body, lambda: dict(json.loads(self._forward(body)[2])))
                self._answer(200, "application/json", json.dumps(answer).encode())
                return
            self._forward(body)
            self.close_connection = True
            if fault.do == "silence":
                proxy.ended.wait(MAX_SECONDS)
            elif fault.do == "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_one  # noqa: N815 - the names that the server calls

        def _forward(self, body: bytes) -> tuple[int, str, bytes]:
            connection = http.client.HTTPConnection(
                str(upstream.hostname), upstream.port, timeout=MAX_SECONDS
            )
            connection.request(self.command, self.path, body or None, dict(self.headers))
            answer = connection.getresponse()
            found = answer.status, answer.headers.get("Content-Type", "application/json"), answer.read()
            connection.close()
            return found

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Ignore clients that closed the connection: the faults cause this."""

    server = Server(("127.0.0.1", 0), Handler)
    proxy = Proxy(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.ended.set()
        server.shutdown()
        server.server_close()
        thread.join(MAX_SECONDS)
