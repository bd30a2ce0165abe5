"""Fixtures that every test may ask for, each defined in the module that says what it is."""

import os
from enum import IntEnum
from functools import cache
from pathlib import Path

import pytest
from xdist.remote import Producer  # type: ignore[import-untyped]
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

pytest_plugins = [
    "ai_usage_tests.support.emulator.plugin",
    "ai_usage_tests.support.live_bigquery",
    "ai_usage_tests.support.engines",
    "ai_usage_tests.support.month_run",
    "ai_usage_tests.support.recorded_calls",
]

# without a project there is nothing to skip
collect_ignore = (
    [] if os.environ.get("BIGQUERY_LIVE_PROJECT") else ["integration/warehouse/test_live_bigquery.py"]
)


WAITS = {"test_ui.py", "test_daemon.py", "test_headless.py", "test_killed_run.py", "test_live.py"}
"""Whose tests mostly wait for Dagster's own processes."""


class Turn(IntEnum):
    """The order of one process: a mistake shows at once, and the emulator is waited for last.

    Google's evaluator takes long to compile, and so its tests keep to one process, which is the month's.
    """

    FAST, WAITS, EMULATOR, MONTH = range(4)


WORDS = {
    Turn.MONTH: ("month: Month", "month_on_bigquery", "sent: list[Call]", "reference: Reference"),
    Turn.EMULATOR: ("emulator", "engine: Engine"),
}


@cache
def turn(file: Path) -> Turn:
    text = file.read_text(encoding="utf-8")
    by_fixture = (found for found, words in WORDS.items() if any(word in text for word in words))
    return next(by_fixture, Turn.WAITS if file.name in WAITS else Turn.FAST)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    side_by_side = hasattr(config, "workerinput")
    # what takes longest begins at once, if there is somebody else for the rest
    items.sort(key=lambda item: turn(item.path), reverse=side_by_side)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    config.option.loadscopereorder = False
    return Together(config, log)


class Together(LoadScopeScheduling):  # type: ignore[misc]
    """Side by side, what shares a fixture stays together: a file's tests, all of the month, all others that speak to the
    emulator, and all that wait for processes. The month has an emulator of its own.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        found = turn(self.config.rootpath / file)
        return file if found is Turn.FAST else found.name
