"""A real HTTP server on loopback that answers by script, also with the errors of a network."""

import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from itertools import repeat
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ENDLESS_SECONDS = 60


@dataclass
class Answer:
    """One scripted answer; by default the body as JSON, with status 200."""

    body: Any = field(default_factory=dict)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    keep: int | None = None
    """Close the connection after this number of bytes, with the full length in the headers."""
    drip: float | None = None
    """Seconds before each byte of the body."""
    endless: str | None = None
    """`headers` or `body`: send this part one byte at a time, and never finish it.

    It ends after `ENDLESS_SECONDS`, so that a client without a deadline fails its test and does not hang.
    """
    reset: bool = False
    """Reset the connection without an answer."""

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass
class RecordedRequest:
    method: str
    path: str
    query: dict[str, list[str]]
    body: Any
    headers: dict[str, str]
    at: float


class ScriptedServer(ThreadingHTTPServer):
    """Gives the answers in the order of the script, and repeats the last one.

    Attributes:
        requests: the requests so far.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.script: list[Answer] = []
        self.requests: list[RecordedRequest] = []
        self.closing = threading.Event()
        self._lock = threading.Lock()

    def respond_with(self, *answers: Any) -> None:
        self.script += [answer if isinstance(answer, Answer) else Answer(answer) for answer in answers]

    def take(self, request: RecordedRequest) -> Answer:
        with self._lock:
            self.requests.append(request)
            return self.script.pop(0) if len(self.script) > 1 else self.script[0]

    def encrypt(self, folder: Path) -> ssl.SSLContext:
        """Serve TLS from now on, with a new certificate. It returns a context for clients that trust it."""
        key, certificate = folder / "key.pem", folder / "certificate.pem"
        _write_certificate(key, certificate)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        return ssl.create_default_context(cafile=str(certificate))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print nothing: tests close connections on purpose."""


def _write_certificate(key_file: Path, certificate_file: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    certificate = (
        builder.not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    certificate_file.write_bytes(certificate.public_bytes(pem))
    key_file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    )


class _Handler(BaseHTTPRequestHandler):
    server: ScriptedServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._answer(None)

    def do_CONNECT(self) -> None:
        self._answer(None)

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["content-length"]))
        is_json = "json" in self.headers.get("content-type", "")
        self._answer(json.loads(sent) if is_json else sent)

    do_PATCH = do_POST  # noqa: N815 - a name that the server calls

    def _answer(self, body: Any) -> None:
        split = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.server.take(
            RecordedRequest(self.command, split.path, parse_qs(split.query), body, headers, time.monotonic())
        )
        if answer.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            return
        if answer.endless:
            ends = b"\r\n\r\n" if answer.endless == "body" else b""
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\nX-Slow: yes" + ends)
            self._drip(repeat(ord(" "), ENDLESS_SECONDS * 20), 1 / 20)
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

    def _drip(self, content: Iterable[int], pause: float) -> None:
        for byte in content:
            if self.server.closing.wait(pause):
                break
            self.wfile.write(bytes([byte]))

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    scripted = ScriptedServer()
    threading.Thread(target=scripted.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield scripted
    scripted.closing.set()
    scripted.shutdown()
    scripted.server_close()
