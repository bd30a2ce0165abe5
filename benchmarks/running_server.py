"""The replay server as a child process, inside a `with` block."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.server import RESET, STATE
from benchmarks.workload import Workload

END_SECONDS = 10


class ReplayServer:
    """The address of a running server, and its state."""

    def __init__(self, url: str) -> None:
        self.url = url

    def reset(self) -> None:
        self._get(RESET)

    def state(self) -> dict[str, Any]:
        """Requests by path, bytes, responses that were not recorded, refusals and CPU seconds since the last reset."""
        return self._get(STATE)

    def _get(self, path: str) -> dict[str, Any]:
        with urllib.request.urlopen(self.url + path, timeout=600) as response:
            state: dict[str, Any] = json.load(response)
        return state


@contextmanager
def running_server(work: Workload) -> Iterator[ReplayServer]:
    command = [sys.executable, "-m", "benchmarks.server", "--work", json.dumps(work.as_json())]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        url = child.stdout.readline().strip()
        if not url:
            raise RuntimeError(
                "the replay server did not start. Run `python -m benchmarks.server` to see why"
            )
        yield ReplayServer(url)
    finally:
        child.stdin.close()
        try:
            child.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        child.stdout.close()
