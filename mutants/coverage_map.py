"""Which tests run which lines of the product, kept below `.local/mutants/map`, one JSON file for each test file.

A test file runs in a process of its own, because its tests share what they load. Fixtures do most of the work here, so
what they run counts as run by each test that uses them (`recorder.py`).
"""

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from mutants.checkout import CHECKOUT, HOME
from mutants.runs import Runs

KEPT = HOME / "map"
MAX_SECONDS = 600.0


@dataclass(frozen=True)
class Touched:
    """What the tests of a file ran. `digests` tell whether the files are still the same.

    `seconds` has the tests and the fixtures that several of them share; `uses` the names of the latter, by name. `lines`
    has the numbers of those that ran it, by file of the product and line. Failed tests notice nothing.
    """

    test: str
    seconds: Mapping[str, float]
    uses: Mapping[str, list[str]]
    failed: list[str]
    lines: Mapping[str, Mapping[str, list[int]]]
    digests: Mapping[str, str]

    def is_new(self, checkout: Path) -> bool:
        """Whether the test file is still the one that ran."""
        return self.digests[self.test] == digest(checkout / self.test)

    @cached_property
    def names(self) -> list[str]:
        return list(self.seconds)

    @cached_property
    def tests(self) -> list[str]:
        """The tests that pass, in the order in which they ran."""
        return [name for name in self.names if "::" in name and name not in self.failed]

    def fixtures(self, test: str) -> set[str]:
        """The fixtures of a module or of the session that the test uses, and those that these use."""
        found: set[str] = set()
        due = [test]
        while due:
            new = set(self.uses.get(due.pop(), ())) - found
            found |= new
            due += new
        return found

    def running(self, checkout: Path, path: str, lines: Iterable[int]) -> list[str]:
        """The tests that run one of the lines, or any line of the file if that was changed since."""
        by_line = self.lines.get(path, {})
        if self.digests.get(path) == digest(checkout / path):
            by_line = {str(line): by_line.get(str(line), []) for line in lines}
        ran = {self.names[number] for numbers in by_line.values() for number in numbers}
        return [test for test in self.tests if test in ran or not ran.isdisjoint(self.fixtures(test))]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16] if path.exists() else ""


def kept(folder: Path = KEPT) -> dict[str, Touched]:
    """What is known, by test file."""
    found = (Touched(**json.loads(path.read_text("utf-8"))) for path in sorted(folder.glob("*.json")))
    return {touched.test: touched for touched in found}


def make(tests: Iterable[str], seconds: float, runs: Runs, folder: Path = KEPT) -> int:
    """Run each test file that is not known in its present form, until the time is over; how many are left."""
    end = time.monotonic() + seconds
    known = kept(folder)
    due = [test for test in tests if test not in known or not known[test].is_new(CHECKOUT)]
    folder.mkdir(parents=True, exist_ok=True)
    for number, test in enumerate(due):
        if time.monotonic() > end:
            return len(due) - number
        touched = _run(test, runs)
        took = sum(touched.seconds.values())
        failed = f", {len(touched.failed)} failed and are left out" if touched.failed else ""
        print(f"{test}: {len(touched.tests)} tests, {took:.0f} s{failed}", flush=True)
        (folder / f"{test.replace('/', '.')}.json").write_text(json.dumps(_plain(touched)), encoding="utf-8")
    return 0


def _run(test: str, runs: Runs) -> Touched:
    empty = Touched(test, {}, {}, [], {}, {test: digest(CHECKOUT / test)})
    record = HOME / "record.json"
    record.unlink(missing_ok=True)
    code, output = runs.run([test], MAX_SECONDS, record=record)
    if not record.exists():
        reason = f"took longer than {MAX_SECONDS:.0f} s" if code is None else f"ended early:\n{output}"
        print(f"{test} is left out, because it {reason}", flush=True)
        return empty
    found: dict[str, Any] = json.loads(record.read_text("utf-8"))
    digests = {path: digest(CHECKOUT / path) for path in (test, *found["lines"])}
    return replace(empty, **found, digests=digests)


def _plain(touched: Touched) -> dict[str, Any]:
    return {name: getattr(touched, name) for name in Touched.__dataclass_fields__}
