"""Runs the tests on a mutant of a Python module, in a process of their own, and knows which of them fail without it."""

import json
import os
import re
import shlex
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from cosmic_ray.testing import run_tests
from cosmic_ray.work_item import TestOutcome

from mutants.coverage_map import PYTEST, digest
from mutants.scores import Outcome

MAX_SECONDS = 240.0
"""For each of them. A machine with other work needs several times as long as an idle one."""
FAILED = re.compile(r"^(?:FAILED|ERROR) ([^:\s]+)", re.MULTILINE)

NO_TEST = re.compile(r"^(?:no tests ran|\d+ deselected) in ", re.MULTILINE)
"""pytest fails if it has nothing to run."""


class TestFiles:
    """Whether each test file passes on the product as it is. One that fails there notices nothing.

    A test file is asked for when it fails on a mutant, and not before: most of them pass.
    """

    def __init__(self, checkout: Path, kept: Path, environment: Mapping[str, str]) -> None:
        self.checkout = checkout
        self.kept = kept
        self.environment = environment
        self._passes: dict[str, bool] = json.loads(kept.read_text("utf-8")) if kept.exists() else {}

    def is_left_out(self, test: str) -> bool:
        return not self._passes.get(self._key(test), True)

    def passes(self, test: str) -> bool:
        """Run the test file on the product as it is, unless it has run already."""
        key = self._key(test)
        if key not in self._passes:
            self._passes[key] = self.run([test])[0] is Outcome.SURVIVED
            self.kept.write_text(json.dumps(self._passes, indent=0), encoding="utf-8")
            if not self._passes[key]:
                print(f"left out, because it fails on the product as it is: {test}", flush=True)
        return self._passes[key]

    def run(self, tests: Iterable[str]) -> tuple[Outcome, str]:
        """Run these test files on the checkout as it is now, up to the first test that fails."""
        files = list(tests)
        command = shlex.join([sys.executable, *PYTEST, *files])
        here, old = Path.cwd(), dict(os.environ)
        try:
            os.chdir(self.checkout)
            os.environ.update(self.environment)
            result, output = run_tests(command, MAX_SECONDS * len(files))
        finally:
            os.chdir(here)
            os.environ.clear()
            os.environ.update(old)
        if output == "timeout":
            return Outcome.TIMED_OUT, output
        if NO_TEST.search(output):
            return Outcome.SURVIVED, output
        return (Outcome.SURVIVED if result == TestOutcome.SURVIVED else Outcome.KILLED), output

    def _key(self, test: str) -> str:
        return f"{test} {digest(self.checkout / test)}"


def outcome(
    path: Path, after: str, tests: list[str], files: TestFiles, max_files: int
) -> tuple[Outcome, str]:
    """What becomes of the file with this text, and the lines of the failed tests.

    At most `max_files` test files run. What only a farther one would notice counts as survived.
    """
    chosen = [test for test in tests if not files.is_left_out(test)][:max_files]
    if not chosen:
        return Outcome.SURVIVED, "no test touches it"
    file = files.checkout / path
    before = file.read_bytes()
    try:
        file.write_text(after, encoding="utf-8")
        found, output = files.run(chosen)
    finally:
        file.write_bytes(before)
    failed = FAILED.findall(output) if found is Outcome.KILLED else []
    if not all(files.passes(test) for test in failed if test in chosen):
        return outcome(path, after, tests, files, max_files)
    return found, "\n".join(line for line in output.splitlines() if FAILED.match(line))
