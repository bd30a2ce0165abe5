"""Runs tests on the checkout as it is, each time in a process of their own: a fork of one that is warm (`warm.py`)."""

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from mutants.checkout import HOME
from mutants.worker import Worker

IN_PROCESS = "(quick or slow) and not (emulator or evaluator or e2e or stress or live)"
"""The tests that run in one process of their own. An emulator, a browser or a daemon takes too long for each mutant."""
NO_TEST = 5
"""pytest's exit code if it has nothing to run."""


class Runs:
    """The warm process, started when it is needed."""

    def __init__(self, checkout: Path, environment: Mapping[str, str]) -> None:
        self._worker = Worker("mutants.warm", checkout, {**os.environ, **environment})

    def run(
        self, tests: Iterable[str], max_seconds: float, *, record: Path | None = None
    ) -> tuple[int | None, str]:
        """pytest's exit code, None if the time was over, and what pytest wrote.

        Test files run as a whole, and tests alone in this order. Without `record`, the first failed test ends the run.
        """
        names = list(tests)
        temporary, output = HOME / "tmp", HOME / "output"
        shutil.rmtree(temporary, ignore_errors=True)
        stop = [] if record else ["-x"]
        options = ["-p", "no:cacheprovider", "--no-header", "--show-capture=no", f"--basetemp={temporary}"]
        files = list(dict.fromkeys(name.partition("::")[0] for name in names))
        request = {
            "args": ["-q", *stop, "-m", IN_PROCESS, *options, *files],
            "only": names if any("::" in name for name in names) else None,
            "record": str(record) if record else None,
            "output": str(output),
            "max_seconds": max_seconds,
        }
        code: int | None = json.loads(self._worker.ask(request))["code"]
        return code, output.read_text("utf-8", errors="replace") if output.exists() else ""

    def close(self) -> None:
        self._worker.close()
