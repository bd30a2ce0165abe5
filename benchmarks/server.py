"""Both vendors in a process of their own, from memory: what is asked for the first time is asked of the sandbox.

It ends when its standard input closes, so it never outlives whoever started it.
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
from benchmarks import feed
from benchmarks.recording import Recording, folder, question
from benchmarks.work import NOW, Work

STATE, RESET = "/_bench/state", "/_bench/reset"
PER_MINUTE = {feed.PATH: 60}
CURSOR, CURSOR_PER_MINUTE = "/teams/", 20


class Replay:
    """An ASGI application: recorded answers, held back by the latency, refused beyond Cursor's limits."""

    def __init__(self, work: Work, recording: Recording, company: Company) -> None:
        self._work, self._recording = work, recording
        self._sandbox = Sandbox(company, NOW, strict_limits=False)
        self._feed = feed.of(company, work) if work.events else None
        self._asked: dict[str, deque[float]] = defaultdict(deque)
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
            answer = msgspec.json.encode(self.state)
            if path == RESET:
                self.reset()
            await _answer(send, 200, answer)
            return
        self._requests[path] += 1
        if self._work.limits and not self._within_limits(path):
            self._refused += 1
            await _answer(send, 429, b'{"error":"Too Many Requests"}')
            return
        if self._work.latency_ms:
            await asyncio.sleep(self._work.latency_ms / 1000)
        status, answer = await self._answered(scope, path, body)
        self._bytes += len(answer)
        await _answer(send, status, answer)

    def _within_limits(self, path: str) -> bool:
        if not path.startswith(CURSOR):
            return True
        asked, now = self._asked[path], time.monotonic()
        while asked and asked[0] <= now - 60:
            asked.popleft()
        if len(asked) >= PER_MINUTE.get(path, CURSOR_PER_MINUTE):
            return False
        asked.append(now)
        return True

    async def _answered(self, scope: Any, path: str, body: bytes) -> tuple[int, bytes]:
        if self._feed is not None and path == feed.PATH:
            return 200, self._feed.answer(body)
        if path == feed.PATH and ends_within_a_day(body):
            # it ends at the moment of asking, so that no recording could answer it again
            return await _asked(self._sandbox, scope, body)
        key = question(scope["method"], path, scope["query_string"].decode(), body)
        known = self._recording.get(key)
        if known is not None:
            return 200, known
        self._misses += 1
        status, answer = await _asked(self._sandbox, scope, body)
        if status == 200:
            self._recording.put(key, answer)
        return status, answer


def ends_within_a_day(body: bytes) -> bool:
    """Whether these are the events of a day that is not over."""
    return bool((msgspec.json.decode(body)["endDate"] + 1) % feed.DAY_MS)


async def _asked(sandbox: Sandbox, scope: Any, body: bytes) -> tuple[int, bytes]:
    said: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        said.append(message)

    await sandbox(scope, receive, send)
    return said[0]["status"], b"".join(message.get("body", b"") for message in said[1:])


async def _body(receive: Any) -> bytes:
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


async def _answer(send: Any, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.server", description=__doc__)
    parser.add_argument("--work", required=True, help="a Work as JSON")
    work = Work(**msgspec.json.decode(parser.parse_args().work))
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
