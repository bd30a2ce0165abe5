"""What a killed writer leaves: jobs that still run, and staged tables, which must expire."""

import time
from datetime import UTC, datetime, timedelta

from ai_usage_assets.warehouse.bigquery.engine import STAGED_HOURS, BigQueryEngine
from ai_usage_assets.warehouse.engine import Engine

MAX_SECONDS = 60.0
IN_FLIGHT_SECONDS = 0.1
"""A request that was sent just before the kill may not be a job yet."""


def wait_for_jobs(engine: Engine) -> None:
    """Wait until no job runs, because BigQuery continues the jobs of a killed process."""
    if not isinstance(engine, BigQueryEngine):
        return
    time.sleep(IN_FLIGHT_SECONDS)
    since = datetime.now(UTC) - timedelta(seconds=2 * MAX_SECONDS)
    deadline = time.monotonic() + MAX_SECONDS
    while any(
        list(engine._client.list_jobs(state_filter=state, min_creation_time=since, timeout=MAX_SECONDS))
        for state in ("pending", "running")
    ):
        assert time.monotonic() < deadline, "a job of a killed process does not end"
        time.sleep(0.05)


def staged_tables_that_stay(engine: Engine) -> list[str]:
    """The staged tables that would never expire. The others are deleted, so that the next call finds new ones only."""
    if not isinstance(engine, BigQueryEngine):
        with engine.session() as session:
            found = session.fetch("select table_name from duckdb_tables where table_name like 'staged%'")
        return [str(row["table_name"]) for row in found.to_pylist()]
    staying, latest = [], datetime.now(UTC) + timedelta(hours=STAGED_HOURS)
    for listed in engine._client.list_tables(engine._dataset, timeout=MAX_SECONDS):
        if listed.table_id.startswith("staged"):
            expires = engine._client.get_table(listed.reference, timeout=MAX_SECONDS).expires
            if expires is None or expires > latest:
                staying.append(listed.table_id)
            engine._client.delete_table(listed.reference, not_found_ok=True, timeout=MAX_SECONDS)
    return staying
