"""Both vendors' APIs in a process of their own, served from recordings. A request without a recording goes to the sandbox.

The process ends when its standard input closes, so that it never outlives its parent.
"""

import argparse
import asyncio
import socket
import sys
import time
from collections import Counter, defaultdict, deque
from threading import Thread
from typing import Any

import msgspec
import uvicorn

from ai_usage_assets.demo.sandbox.company.company import Company
from ai_usage_assets.demo.sandbox.server import Sandbox
from benchmarks import generated_events
from benchmarks.recording import Recording, folder, request_key
from benchmarks.workload import NOW, Workload

STATE, RESET = "/_bench/state", "/_bench/reset"
PER_MINUTE = {generated_events.PATH: 60}
CURSOR, CURSOR_PER_MINUTE = "/teams/", 20


class Replay:
    """An ASGI application that sends recorded responses, delays them, and applies Cursor's rate limits if requested."""

    def __init__(self, work: Workload, recording: Recording, company: Company) -> None:
        self._work, self._recording = work, recording
        self._sandbox = Sandbox(company, NOW, strict_limits=False)
        self._generated = generated_events.generate(company, work) if work.events else None
        self._recent: dict[str, deque[float]] = defaultdict(deque)
        self.reset()

    def reset(self) -> None:
        self._requests: Counter[str] = Counter()
        self._bytes = self._misses = self._refused = 0
        self._cpu_since = time.process_time()

    @property
    def state(self) -> dict[str, Any]:
        return {
            "requests": dict(self._requests),
            "bytes": self._bytes,
            "misses": self._misses,
            "refused": self._refused,
            "cpu": time.process_time() - self._cpu_since,
        }

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path, body = scope["path"], await _body(receive)
        if path in {STATE, RESET}:
            response = msgspec.json.encode(self.state)
            if path == RESET:
                self.reset()
            await _respond(send, 200, response)
            return
        self._requests[path] += 1
        if self._work.limits and not self._within_limits(path):
            self._refused += 1
            await _respond(send, 429, b'{"error":"Too Many Requests"}')
            return
        if self._work.latency_ms:
            await asyncio.sleep(self._work.latency_ms / 1000)
        status, response = await self._response_to(scope, path, body)
        self._bytes += len(response)
        await _respond(send, status, response)

    def _within_limits(self, path: str) -> bool:
        if not path.startswith(CURSOR):
            return True
        recent, now = self._recent[path], time.monotonic()
        while recent and recent[0] <= now - 60:
            recent.popleft()
        if len(recent) >= PER_MINUTE.get(path, CURSOR_PER_MINUTE):
            return False
        recent.append(now)
        return True

    async def _response_to(self, scope: Any, path: str, body: bytes) -> tuple[int, bytes]:
        if self._generated is not None and path == generated_events.PATH:
            return 200, self._generated.page(body)
        if path == generated_events.PATH and ends_within_a_day(body):
            # this window ends at the time of the request, so a recording would never match it again
            return await _forward(self._sandbox, scope, body)
        key = request_key(scope["method"], path, scope["query_string"].decode(), body)
        recorded = self._recording.get(key)
        if recorded is not None:
            return 200, recorded
        self._misses += 1
        status, response = await _forward(self._sandbox, scope, body)
        if status == 200:
            self._recording.put(key, response)
        return status, response


def ends_within_a_day(body: bytes) -> bool:
    """Whether the request is for events of a day that has not ended."""
    return bool((msgspec.json.decode(body)["endDate"] + 1) % generated_events.DAY_MS)


async def _forward(sandbox: Sandbox, scope: Any, body: bytes) -> tuple[int, bytes]:
    messages: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        messages.append(message)

    await sandbox(scope, receive, send)
    return messages[0]["status"], b"".join(message.get("body", b"") for message in messages[1:])


async def _body(receive: Any) -> bytes:
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


async def _respond(send: Any, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.server", description=__doc__)
    parser.add_argument("--work", required=True, help="a Work as JSON")
    work = Workload(**msgspec.json.decode(parser.parse_args().work))
    replay = Replay(work, Recording(folder(work.people)), Company(work.people))
    config = uvicorn.Config(replay, lifespan="off", log_level="critical", access_log=False)
    server = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)

    def end_with_parent() -> None:
        sys.stdin.buffer.read()
        server.should_exit = True

    Thread(target=end_with_parent, daemon=True).start()
    server.run([listener])


if __name__ == "__main__":
    main()
