"""A process that has loaded pytest and the libraries, but nothing of the product. Each run of tests is a fork of it.

It reads one request a line, a JSON object, and answers with one: `code` is pytest's exit code, or null after `max_seconds`.
`only` has the tests that run, in their order; `record` is the file for what the tests ran.
"""

import contextlib
import importlib
import json
import os
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import pytest

LIBRARIES = (
    "dagster",
    "dagster._core.execution.api",
    "duckdb",
    "google.cloud.bigquery",
    "msgspec",
    "pandas",
    "pyarrow",
    "pyarrow.compute",
    "pyarrow.parquet",
    "sqlglot",
    "yaml",
)
"""What most tests load."""


class Chosen:
    """A plugin that leaves out the tests that were not asked for, by name or by file, and brings the others in order."""

    def __init__(self, names: list[str]) -> None:
        self._turn = {name: turn for turn, name in enumerate(names)}

    def _turn_of(self, item: pytest.Item) -> int | None:
        return self._turn.get(item.nodeid, self._turn.get(item.nodeid.partition("::")[0]))

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        chosen = [(turn, item) for item in items if (turn := self._turn_of(item)) is not None]
        items[:] = [item for _, item in sorted(chosen, key=lambda pair: pair[0])]


def run(request: dict[str, Any]) -> int:
    """Run the tests in this process, which then ends."""
    plugins: list[object] = [Chosen(request["only"])] if request["only"] else []
    if not request["record"]:
        return pytest.main(request["args"], plugins=plugins)
    from mutants.recorder import Recorder

    recorder = Recorder(Path.cwd(), Path.cwd() / "ai_usage_assets")
    code = pytest.main(request["args"], plugins=[recorder, *plugins])
    Path(request["record"]).write_text(json.dumps(recorder.record()), encoding="utf-8")
    return code


def forked(request: dict[str, Any]) -> int | None:
    """pytest's exit code; None if the tests did not end in time."""
    child = os.fork()
    if child == 0:
        code = 3
        try:
            os.setsid()
            output = os.open(request["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            for descriptor in (1, 2):
                os.dup2(output, descriptor)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            code = run(request)
        except BaseException:  # noqa: BLE001  a fork must not go on as the process that it is a copy of
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    end = time.monotonic() + request["max_seconds"]
    while time.monotonic() < end:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            _kill(child)
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    _kill(child)
    os.waitpid(child, 0)
    return None


def _kill(group: int) -> None:
    """End a fork with every process that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def main() -> None:
    for library in LIBRARIES:
        importlib.import_module(library)
    for line in sys.stdin:
        print(json.dumps({"code": forked(json.loads(line))}), flush=True)


if __name__ == "__main__":
    main()
