"""A real server on loopback that answers by script, with everything that can go wrong on the way."""

import json
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Answer:
    """One scripted answer; by default the body as JSON, with status 200."""

    body: Any = field(default_factory=dict)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    keep: int | None = None
    """Hang up after so many bytes of the body, under its full length."""
    drip: float | None = None
    """Seconds between one byte and the next, of the body."""
    drip_headers: bool = False
    """Never finish the headers, one byte every now and then."""
    reset: bool = False
    """Hang up without a word."""

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass
class Asked:
    method: str
    path: str
    query: dict[str, list[str]]
    body: Any
    headers: dict[str, str]
    at: float


class Scripted(ThreadingHTTPServer):
    """Answers in the order of the script; the last answer stays."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.script: list[Answer] = []
        self.asked: list[Asked] = []
        self.closing = threading.Event()
        self._lock = threading.Lock()

    def say(self, *answers: Any) -> None:
        self.script += [answer if isinstance(answer, Answer) else Answer(answer) for answer in answers]

    def take(self, asked: Asked) -> Answer:
        with self._lock:
            self.asked.append(asked)
            return self.script.pop(0) if len(self.script) > 1 else self.script[0]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gives up is part of the script."""


class _Handler(BaseHTTPRequestHandler):
    server: Scripted
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._answer(None)

    def do_POST(self) -> None:
        self._answer(json.loads(self.rfile.read(int(self.headers["content-length"]))))

    def _answer(self, body: Any) -> None:
        split = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.server.take(
            Asked(self.command, split.path, parse_qs(split.query), body, headers, time.monotonic())
        )
        if answer.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            return
        if answer.drip_headers:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            self._drip(b"a" * 1000, 0.1)
            return
        content = answer.content
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        if answer.drip is not None:
            self._drip(content, answer.drip)
        else:
            self.wfile.write(content[: answer.keep])
        if answer.keep is not None:
            self.close_connection = True

    def _drip(self, content: bytes, pause: float) -> None:
        for byte in content:
            if self.server.closing.wait(pause):
                break
            self.wfile.write(bytes([byte]))

    def log_message(self, format: str, *args: Any) -> None:
        pass
