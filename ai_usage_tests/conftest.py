"""Fixtures that every test may ask for, each defined in the module that says what it is."""

import os

import pytest

pytest_plugins = [
    "ai_usage_tests.emulator.plugin",
    "ai_usage_tests.live",
    "ai_usage_tests.engines",
    "ai_usage_tests.month",
    "ai_usage_tests.warehouse.sent",
]

# without a project there is nothing to skip
collect_ignore = [] if os.environ.get("BIGQUERY_LIVE_PROJECT") else ["warehouse/test_live_bigquery.py"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Side by side, what shares a fixture stays together: one emulator a test run, one month a file."""
    for item in items:
        on_bigquery = (
            "emulator" in getattr(item, "fixturenames", ()) or "bigquery" in item.name.partition("[")[2]
        )
        group = "emulator" if on_bigquery else item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group(group))
