"""Fixtures that every test may ask for, each defined in the module that says what it is."""

import os
from functools import cache
from pathlib import Path

import pytest
from xdist.remote import Producer  # type: ignore[import-untyped]
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

pytest_plugins = [
    "ai_usage_tests.emulator.plugin",
    "ai_usage_tests.live",
    "ai_usage_tests.engines",
    "ai_usage_tests.month",
    "ai_usage_tests.warehouse.sent",
]

# without a project there is nothing to skip
collect_ignore = [] if os.environ.get("BIGQUERY_LIVE_PROJECT") else ["warehouse/test_live_bigquery.py"]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    return Together(config, log)


class Together(LoadScopeScheduling):  # type: ignore[misc]
    """Side by side, what shares a fixture stays together: a file's tests, and all files that speak to the emulator."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "emulator" if speaks_to_the_emulator(self.config.rootpath / file) else file


@cache
def speaks_to_the_emulator(file: Path) -> bool:
    text = file.read_text(encoding="utf-8")
    return any(word in text for word in ("emulator", "engine: Engine", "month: Month", "sent: list[Call]"))
