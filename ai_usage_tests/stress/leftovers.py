"""What a dead writer leaves behind: jobs that still run, and staged tables, which must not be there for ever."""

import time
from datetime import UTC, datetime, timedelta

from ai_usage_assets.warehouse.bigquery.engine import STAGED_HOURS, BigQueryEngine
from ai_usage_assets.warehouse.engine import Engine

MOST_SECONDS = 60.0
ON_ITS_WAY_SECONDS = 0.1
"""A request that was sent just before its sender died may not be a job yet."""


def settled(engine: Engine) -> None:
    """Wait until no job runs: what a dead process has sent to BigQuery goes on without it."""
    if not isinstance(engine, BigQueryEngine):
        return
    time.sleep(ON_ITS_WAY_SECONDS)
    since = datetime.now(UTC) - timedelta(seconds=2 * MOST_SECONDS)
    until = time.monotonic() + MOST_SECONDS
    while any(
        list(engine._client.list_jobs(state_filter=state, min_creation_time=since, timeout=MOST_SECONDS))
        for state in ("pending", "running")
    ):
        assert time.monotonic() < until, "a job of a dead process runs on and on"
        time.sleep(0.05)


def staged_for_ever(engine: Engine) -> list[str]:
    """Staged tables that would stay. Those that expire are removed, so that the next look sees its own alone."""
    if not isinstance(engine, BigQueryEngine):
        with engine.session() as session:
            found = session.fetch("select table_name from duckdb_tables where table_name like 'staged%'")
        return [str(row["table_name"]) for row in found.to_pylist()]
    staying, latest = [], datetime.now(UTC) + timedelta(hours=STAGED_HOURS)
    for listed in engine._client.list_tables(engine._dataset, timeout=MOST_SECONDS):
        if listed.table_id.startswith("staged"):
            expires = engine._client.get_table(listed.reference, timeout=MOST_SECONDS).expires
            if expires is None or expires > latest:
                staying.append(listed.table_id)
            engine._client.delete_table(listed.reference, not_found_ok=True, timeout=MOST_SECONDS)
    return staying
