"""Runs the rule cases on a mutant of a statement, within a time limit, in a process of their own (`sql_worker.py`)."""

import json
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mutants.worker import Worker

START_SECONDS = 120.0
"""A process also loads the warehouse before its first answer."""


class RuleProcess:
    """The process, started when it is needed, and started again after a statement that took too long."""

    def __init__(self, checkout: Path, environment: Mapping[str, str], max_seconds: float) -> None:
        self.max_seconds = max_seconds
        self._worker = Worker("mutants.sql_worker", checkout, environment, stderr=subprocess.DEVNULL)

    def failed(self, file: str, sql: str) -> tuple[str | None, int]:
        """The first case that fails with this text of the file, and how many cases read it.

        Raises:
            TimeoutError: the cases took longer than the limit.
            RuntimeError: the process ended.
        """
        limit = self.max_seconds + (0 if self._worker.is_running else START_SECONDS)
        timer = threading.Timer(limit, self._worker.start().kill)
        timer.start()
        try:
            line = self._worker.ask({"file": file, "sql": sql})
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
        self._worker.close()
