"""How long a test waits for what is healthy, before it says that it hangs. No test measures time by it."""

MAX_SECONDS = 900.0
"""Much longer than a machine takes on which other work runs: a process of Dagster starts within seconds on a free one."""
