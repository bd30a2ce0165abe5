"""Fixtures that every test may use, and what a test is given when it is collected: markers of cost and an xdist group.

Nothing here reads the source of a test. What a test needs is known from its folder, its fixtures and its parameters:
`pytest.param("bigquery", marks=pytest.mark.emulator)` in `support/engines.py`, for example.
"""

from pathlib import Path

import pytest

pytest_plugins = [
    "ai_usage_tests.support.chromium",
    "ai_usage_tests.support.emulator.plugin",
    "ai_usage_tests.support.live.project",
    "ai_usage_tests.support.live.report",
    "ai_usage_tests.support.engines",
    "ai_usage_tests.support.evaluator",
    "ai_usage_tests.support.every_table",
    "ai_usage_tests.support.live.target",
    "ai_usage_tests.support.harness",
    "ai_usage_tests.support.migrations",
    "ai_usage_tests.support.month_run",
    "ai_usage_tests.support.own_translations",
    "ai_usage_tests.support.recorded_calls",
    "ai_usage_tests.support.scripted_server",
    "ai_usage_tests.support.webhook",
]

MARKER_BY_FIXTURE = {"emulator": "emulator", "reference": "evaluator", "gate": "evaluator", "chromium": "e2e"}
MARKER_BY_FOLDER = {"e2e": "e2e", "stress": "stress"}
COST_MARKERS = {"emulator", "evaluator", "e2e", "stress", "live", "slow"}
MONTH_RUN_FIXTURES = {
    "month_run",
    "month_run_on_duckdb",
    "month_run_on_bigquery",
    "month_run_on_live",
    "recorded_calls",
}
LONGEST_FIRST = ("month_run", "emulator_integration", "e2e", "evaluator", "emulator_sql", "emulator_live")
"""An emulator answers one statement after the other, so the tests of each folder may have one of their own."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    groups = {item: prepared(item, config.rootpath) for item in items}
    in_parallel = hasattr(config, "workerinput")

    def turn(item: pytest.Item) -> int:
        group = groups[item]
        order = LONGEST_FIRST.index(group) if group in LONGEST_FIRST else len(LONGEST_FIRST)
        # a single process shows the result of the fast tests first; several start what takes longest at once
        return order if in_parallel else -order

    items.sort(key=turn)


def prepared(item: pytest.Item, root: Path) -> str:
    """Add the markers to a test; the xdist group that it belongs to, whose tests all run in one process."""
    fixtures = set(getattr(item, "fixturenames", ()))
    path = item.path.relative_to(root)
    markers = {MARKER_BY_FIXTURE[name] for name in fixtures & MARKER_BY_FIXTURE.keys()}
    markers |= {marker for folder, marker in MARKER_BY_FOLDER.items() if folder in path.parts}
    markers |= {mark.name for mark in item.iter_markers() if mark.name in COST_MARKERS}
    for marker in markers or {"quick"}:
        item.add_marker(marker)
    if fixtures & MONTH_RUN_FIXTURES:
        group = "month_run"
    elif "evaluator" in markers:
        # it takes long to compile, and a process that loads it is large: one has all of its tests but those of the month run
        group = "evaluator"
    elif "emulator" in markers:
        group = f"emulator_{path.parts[1]}"
    else:
        group = "e2e" if "e2e" in markers else path.stem
    item.add_marker(pytest.mark.xdist_group(group))
    return group
