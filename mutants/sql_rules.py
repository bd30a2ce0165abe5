"""Runs the rule cases on a mutant of a statement, within a time limit, in a process of their own (`sql_worker.py`)."""

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

START_SECONDS = 120.0
"""A process also loads the warehouse before its first answer."""


class RuleProcess:
    """The process, started when it is needed, and started again after a statement that took too long."""

    def __init__(self, checkout: Path, environment: Mapping[str, str], max_seconds: float) -> None:
        self.checkout = checkout
        self.environment = environment
        self.max_seconds = max_seconds
        self._process: subprocess.Popen[str] | None = None

    def failed(self, file: str, sql: str) -> tuple[str | None, int]:
        """The first case that fails with this text of the file, and how many cases read it.

        Raises:
            TimeoutError: the cases took longer than the limit.
            RuntimeError: the process ended.
        """
        limit = self.max_seconds
        if self._process is None:
            self._process = self._started()
            limit += START_SECONDS
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        timer = threading.Timer(limit, process.kill)
        timer.start()
        try:
            process.stdin.write(json.dumps({"file": file, "sql": sql}) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        finally:
            is_over = not timer.is_alive()
            timer.cancel()
        if not line:
            self.close()
            if is_over:
                raise TimeoutError(f"The rule cases of {file} took longer than {limit:.0f} s.")
            raise RuntimeError(f"The process of the rule cases ended at {file}.")
        answer: dict[str, Any] = json.loads(line)
        return answer["failed"], answer["cases"]

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _started(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "mutants.sql_worker"],
            cwd=self.checkout,
            env=dict(self.environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
