"""Runs tests on the checkout as it is, each time in a process of their own: a fork of one that is warm (`warm.py`)."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from mutants.checkout import HOME

IN_PROCESS = "(quick or slow) and not (emulator or evaluator or e2e or stress or live)"
"""The tests that run in one process of their own. An emulator, a browser or a daemon takes too long for each mutant."""
NO_TEST = 5
"""pytest's exit code if it has nothing to run."""


class Runs:
    """The warm process, started when it is needed."""

    def __init__(self, checkout: Path, environment: Mapping[str, str]) -> None:
        self._checkout = checkout
        self._environment = environment
        self._process: subprocess.Popen[str] | None = None

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
        process = self._process = self._process or self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        code: int | None = json.loads(process.stdout.readline())["code"]
        return code, output.read_text("utf-8", errors="replace") if output.exists() else ""

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _started(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "mutants.warm"],
            cwd=self._checkout,
            env={**os.environ, **self._environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
