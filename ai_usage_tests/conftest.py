"""Fixtures that every test may ask for, each defined in the module that says what it is."""

pytest_plugins = ["ai_usage_tests.emulator.plugin", "ai_usage_tests.engines"]
