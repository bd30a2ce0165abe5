"""Which days of a daily table are loaded: days with rows in the warehouse, and days that Dagster recorded as empty.

Neither source is enough alone. A day without any activity never has rows, and a warehouse that was restored from a backup
may lack days that Dagster recorded. So a recorded day without rows counts only if it was recorded without rows.
"""

from collections.abc import Collection
from datetime import date

import dagster as dg

from ai_usage_assets.days import Days
from ai_usage_assets.defs.records import newest_records
from ai_usage_assets.schema.model import Table
from ai_usage_assets.warehouse.engine import Engine, WriteContext
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_assets.warehouse.sql import within


def loaded_days(
    engine: Engine, instance: dg.DagsterInstance, table: Table, days: Days, job: WriteContext | None = None
) -> set[date]:
    """The days that are loaded, with rows or as an empty day."""
    with_rows = days_with_rows(engine, table, days, job)
    return with_rows | empty_days(instance, table, [day for day in days if day not in with_rows])


def days_with_rows(engine: Engine, table: Table, days: Days, job: WriteContext | None = None) -> set[date]:
    """The days that have rows in the warehouse."""
    with engine.session(job) as session:
        ensure_tables(engine, session, [table])
        rows = session.fetch(
            f"select distinct `{table.partition}` as day from `{table.name}` where {within(str(table.partition), days)}"
        ).to_pylist()
    return {row["day"] for row in rows}


def empty_days(instance: dg.DagsterInstance, table: Table, days: Collection[date]) -> set[date]:
    """Of days without rows, those that were materialized without rows."""
    recorded = newest_records(instance, table.name, days)
    return {day for day, record in recorded.items() if not _row_count(record)}


def _row_count(record: dg.EventLogRecord) -> int:
    """The row count that the write recorded. A day that was reported by hand has none and counts as empty."""
    materialization = record.asset_materialization
    value = materialization.metadata.get("dagster/row_count") if materialization else None
    return int(str(value.value)) if value else 0
