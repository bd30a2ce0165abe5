"""Fixtures that every test may ask for, each defined in the module that says what it is."""

import os

pytest_plugins = [
    "ai_usage_tests.emulator.plugin",
    "ai_usage_tests.live",
    "ai_usage_tests.engines",
    "ai_usage_tests.month",
    "ai_usage_tests.warehouse.sent",
]

# without a project there is nothing to skip
collect_ignore = [] if os.environ.get("BIGQUERY_LIVE_PROJECT") else ["warehouse/test_live_bigquery.py"]
