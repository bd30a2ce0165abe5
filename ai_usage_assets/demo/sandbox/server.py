"""The sandbox as a running server, on a free loopback port, inside a `with` block."""

import asyncio
import socket
import struct
import threading
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ai_usage_assets.demo.sandbox.anthropic.routes import PREFIX, AnthropicRoutes
from ai_usage_assets.demo.sandbox.company.company import Company, Vendor
from ai_usage_assets.demo.sandbox.cursor.routes import CursorRoutes
from ai_usage_assets.demo.sandbox.cursor.withheld import Part
from ai_usage_assets.demo.sandbox.faults import Faults, damaged
from ai_usage_assets.demo.sandbox.responses import VendorRefusalError

ANTHROPIC_KEY = "sk-ant-admin01-sandbox"
CURSOR_KEY = "key_sandbox"
_MAX_REQUESTS_KEPT = 500


@dataclass(frozen=True)
class ReceivedRequest:
    """A request as it was received, without its key."""

    method: str
    path: str
    query: str
    body: bytes
    user_agent: str


class Sandbox:
    """A running sandbox: its address, its company, and the ways to change its responses."""

    def __init__(self, company: Company, now: datetime | None, strict_limits: bool) -> None:
        self.company, self._now = company, now
        self.anthropic_key, self.cursor_key = ANTHROPIC_KEY, CURSOR_KEY
        self.url = ""
        self.faults = Faults()
        self.requests: Counter[str] = Counter()
        self.last_requests: deque[ReceivedRequest] = deque(maxlen=_MAX_REQUESTS_KEPT)
        self._before: dict[str, bytes] = {}
        self._anthropic = AnthropicRoutes(company, self.anthropic_key, lambda: self.now)
        self._cursor = CursorRoutes(company, self.cursor_key, lambda: self.now, strict_limits)
        self._router = Starlette(
            routes=[*self._anthropic.routes, *self._cursor.routes],
            exception_handlers={404: self._not_found, 405: self._not_found},
        )

    @property
    def now(self) -> datetime:
        """The vendors' clock. Set it to a time to stop it, or to None to let it run."""
        return self._now or datetime.now(UTC)

    @now.setter
    def now(self, moment: datetime | None) -> None:
        self._now = moment

    @property
    def environment(self) -> dict[str, str]:
        """The variables that a user would export to read this sandbox, without the vendor's limits."""
        return {
            "ANTHROPIC_ADMIN_API_KEY": self.anthropic_key,
            "ANTHROPIC_ADMIN_BASE_URL": self.url,
            "CURSOR_ADMIN_API_KEY": self.cursor_key,
            "CURSOR_ADMIN_BASE_URL": self.url,
            "CURSOR_REQUESTS_PER_MINUTE": "6000",
        }

    def restate(self, day: date, vendor: Vendor, factor: float) -> None:
        self.company.restate(day, vendor, factor)

    def empty(self, day: date, vendor: Vendor) -> None:
        self.company.empty(day, vendor)

    def withhold(self, day: date, *parts: Part) -> None:
        self.company.withhold(day, *parts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        body, path = await request.body(), request.url.path
        self.requests[path] += 1
        agent = request.headers.get("user-agent", "")
        self.last_requests.append(ReceivedRequest(request.method, path, request.url.query, body, agent))
        fault = self.faults.take(path)
        if fault is not None and fault.reset:
            _reset_connection(scope)
        elif fault is not None and fault.status is not None:
            await Response(fault.body, fault.status, fault.headers)(scope, receive, send)
        else:
            response = await _response_of(self._router, scope, body)
            body_sent = bytes(response.body)
            previous = self._before.get(path, body_sent)
            self._before[path] = body_sent
            await (damaged(fault, response, request, previous) if fault else response)(scope, receive, send)

    async def _not_found(self, request: Request, error: Exception) -> Response:
        if request.url.path.startswith(PREFIX):
            return self._anthropic.refusal(VendorRefusalError(404, "not_found_error", "Not found"))
        return self._cursor.refusal(
            VendorRefusalError(404, "Not Found", f"No such route: {request.method} {request.url.path}")
        )


async def _response_of(router: Starlette, scope: Scope, body: bytes) -> Response:
    """The router's response, collected so that a fault can change it."""
    messages: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        messages.append(message)

    await router(scope, receive, send)
    response = Response(b"".join(message.get("body", b"") for message in messages[1:]), messages[0]["status"])
    response.raw_headers = messages[0]["headers"]
    return response


def _reset_connection(scope: Scope) -> None:
    """Reset the connection instead of closing it, so that the client's read fails."""
    transport: asyncio.Transport = scope["state"]["transport"]
    transport.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
    )
    transport.abort()


class _Protocol(HttpToolsProtocol):
    """Gives the application access to the connection, which it may have to reset."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


def uvicorn_config(sandbox: Sandbox, port: int = 0) -> uvicorn.Config:
    return uvicorn.Config(
        sandbox,
        host="127.0.0.1",
        port=port,
        http=_Protocol,
        lifespan="off",
        log_level="critical",
        access_log=False,
        timeout_graceful_shutdown=1,
    )


@contextmanager
def running(
    company: Company | None = None, *, now: datetime | None = None, strict_limits: bool = False
) -> Iterator[Sandbox]:
    """Serve the company inside the block. `strict_limits` applies Cursor's rate limits per minute."""
    sandbox = Sandbox(company or Company(), now, strict_limits)
    server = uvicorn.Server(uvicorn_config(sandbox))
    # bound here, so that the first request waits in the queue while the thread starts
    listener = socket.create_server(("127.0.0.1", 0))
    sandbox.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    thread = threading.Thread(target=server.run, args=([listener],), name="sandbox", daemon=True)
    thread.start()
    try:
        yield sandbox
    finally:
        server.should_exit = True
        thread.join(timeout=5)
        listener.close()
