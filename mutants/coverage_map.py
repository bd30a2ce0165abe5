"""Which lines of the product each test file runs, kept below `.local/mutants/map`, one JSON file for each test file.

Coverage has one context for each test function too, but it ends before fixtures begin, and fixtures do most of the work
here. So a test file is the unit: its tests run in one process, and share what they load.
"""

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mutants.checkout import CHECKOUT, HOME, environment
from mutants.folders import PRODUCT

KEPT = HOME / "map"
MAX_SECONDS = 600.0
IN_PROCESS = "(quick or slow) and not (emulator or evaluator or e2e or stress or live)"
"""The tests that run in one process of their own. An emulator, a browser or a daemon takes too long for each mutant."""
PYTEST = (
    "-m",
    "pytest",
    "-qx",
    "-m",
    IN_PROCESS,
    "-p",
    "no:cacheprovider",
    "--no-header",
    "--show-capture=no",
)


@dataclass(frozen=True)
class Touched:
    """The lines that a test file ran, by file of the product. `digests` tell whether these are still the same."""

    test: str
    lines: Mapping[str, list[int]]
    digests: Mapping[str, str]

    def is_new(self, checkout: Path) -> bool:
        """Whether the test file is still the one that ran."""
        return self.digests[self.test] == digest(checkout / self.test)

    def runs(self, checkout: Path, path: str, lines: Iterable[int]) -> bool:
        """Whether the test file runs one of the lines, or any line of the file if that was changed since."""
        if path not in self.lines:
            return False
        if self.digests.get(path) != digest(checkout / path):
            return True
        return not set(lines).isdisjoint(self.lines[path])


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16] if path.exists() else ""


def kept(folder: Path = KEPT) -> dict[str, Touched]:
    """What is known, by test file."""
    found = (Touched(**json.loads(path.read_text("utf-8"))) for path in sorted(folder.glob("*.json")))
    return {touched.test: touched for touched in found}


def make(tests: Iterable[str], seconds: float, folder: Path = KEPT) -> int:
    """Run each test file that is not known in its present form, until the time is over; how many are left."""
    end = time.monotonic() + seconds
    known = kept(folder)
    due = [test for test in tests if test not in known or not known[test].is_new(CHECKOUT)]
    for number, test in enumerate(due):
        if time.monotonic() > end:
            return len(due) - number
        touched = _run(test)
        print(f"{test}: {len(touched.lines)} files of the product", flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{test.replace('/', '.')}.json").write_text(json.dumps(vars(touched)), encoding="utf-8")
    return 0


def _run(test: str) -> Touched:
    from coverage import CoverageData

    data_file = HOME / "coverage"
    data_file.unlink(missing_ok=True)
    command = ["-m", "coverage", "run", f"--data-file={data_file}", f"--source={PRODUCT}", *PYTEST, test]
    try:
        subprocess.run(
            [sys.executable, *command],
            cwd=CHECKOUT,
            env=environment(),
            capture_output=True,
            timeout=MAX_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        print(f"{test} took longer than {MAX_SECONDS:.0f} s, and is left out", flush=True)
    data = CoverageData(str(data_file))
    data.read()
    lines = {
        str(Path(path).relative_to(CHECKOUT)): sorted(data.lines(path) or [])
        for path in data.measured_files()
    }
    lines = {path: ran for path, ran in lines.items() if ran}
    return Touched(test, lines, {path: digest(CHECKOUT / path) for path in (test, *lines)})
