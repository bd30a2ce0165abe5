"""A webhook as a real server on loopback; and the daemon of a company, of which three days are missing or all are here."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ai_usage_tests.sensors.daemon import Daemon, daemon


class Webhook(ThreadingHTTPServer):
    """A real server that keeps what it is told, while it answers 200."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.status = 200
        super().__init__(("127.0.0.1", 0), Receiver)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/services/T0/B0/s3cr3t-token"


class Receiver(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.status == 200:
            assert set(said) == {"text"}
            self.server.told.append(said["text"])
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with Webhook() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join(timeout=5)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Daemon]:
    with daemon(tmp_path, days=3) as running:
        yield running


@pytest.fixture
def anthropic(fresh: Daemon) -> Daemon:
    return settled(fresh, "anthropic")


@pytest.fixture
def cursor(fresh: Daemon) -> Daemon:
    return settled(fresh, "cursor")


def settled(fresh: Daemon, vendor: str) -> Daemon:
    """Every day of the vendor is here, and it is about to be looked at again."""
    fresh.runs(vendor)
    fresh.until_looked_at(vendor)
    fresh.asked()
    return fresh
