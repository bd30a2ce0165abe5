"""A plugin of pytest that records which lines of the product each test runs, and how long it takes.

What a fixture of a module or of the session does is recorded for the fixture, and belongs to every test that uses it.
"""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage


class Recorder:
    """`record` is what a `Touched` has of one test file."""

    def __init__(self, checkout: Path, product: Path) -> None:
        self._checkout = checkout
        self._coverage = Coverage(data_file=None, source=[str(product)], config_file=False)
        self._coverage.start()
        self._open: list[str] = []
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._uses: defaultdict[str, set[str]] = defaultdict(set)
        self._failed: set[str] = set()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._uses[item.nodeid].update(getattr(item, "fixturenames", ()))
        with self._context(item.nodeid):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Iterator[None]:
        if fixturedef.scope == "function":
            return (yield)
        # one that asks for another one by its name uses it too
        self._uses[self._open[-1]].add(fixturedef.argname)
        with self._context(fixturedef.argname):
            return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._failed.add(report.nodeid)

    @contextmanager
    def _context(self, name: str) -> Iterator[None]:
        start, before = time.perf_counter(), sum(self._seconds.values())
        self._open.append(name)
        self._coverage.switch_context(name)
        try:
            yield
        finally:
            inner = sum(self._seconds.values()) - before
            self._seconds[name] += time.perf_counter() - start - inner
            self._open.pop()
            self._coverage.switch_context(self._open[-1] if self._open else "")

    def record(self) -> dict[str, Any]:
        """`lines` has the numbers of the names in `seconds`, by file of the product and line."""
        self._coverage.stop()
        data = self._coverage.get_data()
        names = list(self._seconds)
        number = {name: index for index, name in enumerate(names)}
        lines = {}
        for path in data.measured_files():
            by_line = data.contexts_by_lineno(path)
            found = {
                str(line): sorted(number[name] for name in contexts if name)
                for line, contexts in by_line.items()
                if any(contexts)
            }
            if found:
                lines[str(Path(path).relative_to(self._checkout))] = found
        return {
            "seconds": {name: round(self._seconds[name], 3) for name in names},
            "uses": {
                name: sorted(used & self._seconds.keys())
                for name, used in self._uses.items()
                if used & self._seconds.keys()
            },
            "failed": sorted(self._failed),
            "lines": lines,
        }
