"""What becomes of a mutant: the chosen tests run on it."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from mutants.runs import NO_TEST, Runs
from mutants.scores import Outcome
from mutants.touching import Chosen

FAILED = re.compile(r"^(?:FAILED|ERROR) .*", re.MULTILINE)
ALLOWED_SECONDS, ALLOWED_FACTOR = 60.0, 4
"""A machine with other work needs several times as long as an idle one."""


class Broken:
    """Runs tests on a file with another text, and knows which test files fail on the product as it is."""

    def __init__(self, checkout: Path, runs: Runs) -> None:
        self.checkout = checkout
        self.runs = runs
        self._passes: dict[str, bool] = {}

    def outcome(self, path: Path, after: str, chosen: Chosen) -> tuple[Outcome, str]:
        """What becomes of the file with this text, and the lines of the failed tests."""
        tests = [test for test in chosen.tests if self._passes.get(test, True)]
        if not tests:
            return Outcome.SURVIVED, "no test touches it"
        limit = ALLOWED_SECONDS + ALLOWED_FACTOR * chosen.seconds
        code, output = self._run(path, after, tests, limit)
        if code is None:
            return Outcome.TIMED_OUT, f"The tests took longer than {limit:.0f} s."
        if code in {0, NO_TEST}:
            return Outcome.SURVIVED, ""
        failed = FAILED.findall(output)
        if not self._are_right(tests, failed, limit):
            return self.outcome(path, after, chosen)
        return Outcome.KILLED, "\n".join(failed)

    def _run(self, path: Path, after: str, tests: Sequence[str], limit: float) -> tuple[int | None, str]:
        file = self.checkout / path
        before, status = file.read_bytes(), file.stat()
        try:
            file.write_text(after, encoding="utf-8")
            return self.runs.run(tests, limit)
        finally:
            file.write_bytes(before)
            # the compiled module stays valid
            os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))

    def _are_right(self, tests: Sequence[str], failed: Sequence[str], limit: float) -> bool:
        """Whether the failed test files pass on the product as it is. The map has no test that fails there."""
        is_right = True
        for test in tests:
            if "::" not in test and test not in self._passes and any(test in line for line in failed):
                self._passes[test] = self.runs.run([test], limit)[0] in {0, NO_TEST}
                if not self._passes[test]:
                    print(f"left out, because it fails on the product as it is: {test}", flush=True)
                    is_right = False
        return is_right
