"""A webhook as a real server on loopback."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class Webhook(ThreadingHTTPServer):
    """A real server that keeps the texts that it receives, while it answers 200."""

    def __init__(self) -> None:
        self.received: list[str] = []
        self.status = 200
        self.refuses: str | None = None
        """What a text holds that is not taken."""
        self.raw_answer: bytes | None = None
        """What is sent instead of an HTTP answer."""
        self.before_answer: Callable[[], object] = lambda: None
        """What happens between the request and its answer."""
        super().__init__(("127.0.0.1", 0), Receiver)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/services/T0/B0/s3cr3t-token"


class Receiver(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.raw_answer is not None:
            self.wfile.write(self.server.raw_answer)
            return
        status = 500 if (self.server.refuses or "\0") in said["text"] else self.server.status
        if self.headers["Content-Type"] != "application/json":
            status = 415
        if status == 200:
            assert set(said) == {"text"}
            self.server.received.append(said["text"])
        self.server.before_answer()
        self.send_response(status)
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
