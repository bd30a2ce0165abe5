"""The replay server as a child process, for as long as a `with` block lasts."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.server import RESET, STATE
from benchmarks.work import Work

END_SECONDS = 10


class Served:
    """A server's address, and what it says of itself."""

    def __init__(self, url: str) -> None:
        self.url = url

    def reset(self) -> None:
        self._ask(RESET)

    def state(self) -> dict[str, Any]:
        """Requests by path, bytes, misses, refusals and CPU seconds since the last reset."""
        return self._ask(STATE)

    def _ask(self, path: str) -> dict[str, Any]:
        with urllib.request.urlopen(self.url + path, timeout=600) as answer:
            said: dict[str, Any] = json.load(answer)
        return said


@contextmanager
def serving(work: Work) -> Iterator[Served]:
    command = [sys.executable, "-m", "benchmarks.server", "--work", json.dumps(work.as_json())]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        url = child.stdout.readline().strip()
        if not url:
            raise RuntimeError(
                "the replay server did not start; run `python -m benchmarks.server` to see why"
            )
        yield Served(url)
    finally:
        child.stdin.close()
        try:
            child.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        child.stdout.close()
