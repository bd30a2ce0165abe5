"""A process of ours that reads one request a line, a JSON object, and answers each with a line."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class Worker:
    """The process of a module, started with its first request, and again with the first one after `close`."""

    def __init__(
        self, module: str, checkout: Path, environment: Mapping[str, str], *, stderr: int | None = None
    ) -> None:
        self._module = module
        self._checkout = checkout
        self._environment = environment
        self._stderr = stderr
        self._process: subprocess.Popen[str] | None = None

    @property
    def is_running(self) -> bool:
        return self._process is not None

    def start(self) -> subprocess.Popen[str]:
        """The process, started if it is not running."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", self._module],
                cwd=self._checkout,
                env=dict(self._environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                text=True,
            )
        return self._process

    def ask(self, request: Mapping[str, Any]) -> str:
        """The line that answers; empty if the process ended."""
        process = self.start()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        return process.stdout.readline()

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None
