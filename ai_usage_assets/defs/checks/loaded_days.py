"""Which days of a daily table are loaded: days with rows in the warehouse, and days that Dagster recorded as empty.

Neither source is enough alone. A day without any activity never has rows, and a warehouse that was restored from a backup
may lack days that Dagster recorded. So a recorded day without rows counts only if it was recorded without rows.
"""

from collections.abc import Iterable
from datetime import date

import dagster as dg

from ai_usage_assets.days import Days
from ai_usage_assets.schema.model import Table
from ai_usage_assets.warehouse.engine import Engine, WriteContext
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_assets.warehouse.sql import within

MATERIALIZATION = dg.DagsterEventType.ASSET_MATERIALIZATION


def loaded_days(
    engine: Engine, instance: dg.DagsterInstance, table: Table, days: Days, job: WriteContext | None = None
) -> set[date]:
    """The days that are loaded, with rows or as an empty day."""
    with_rows = days_with_rows(engine, table, days, job)
    return with_rows | empty_days(instance, table, (day for day in days if day not in with_rows))


def days_with_rows(engine: Engine, table: Table, days: Days, job: WriteContext | None = None) -> set[date]:
    """The days that have rows in the warehouse."""
    with engine.session(job) as session:
        ensure_tables(engine, session, [table])
        rows = session.fetch(
            f"select distinct `{table.partition}` as day from `{table.name}` where {within(str(table.partition), days)}"
        ).to_pylist()
    return {row["day"] for row in rows}


def empty_days(instance: dg.DagsterInstance, table: Table, days: Iterable[date]) -> set[date]:
    """Of days without rows, those that were materialized without rows."""
    recorded = newest_records(instance, table, days)
    return {day for day, record in recorded.items() if not _row_count(record)}


def newest_ids(instance: dg.DagsterInstance, table: Table) -> dict[date, int]:
    """Per day, the storage id of its newest materialization; a later materialization has a larger id."""
    ids = instance.get_latest_storage_id_by_partition(dg.AssetKey(table.name), MATERIALIZATION)
    return {date.fromisoformat(day): storage_id for day, storage_id in ids.items()}


def newest_records(
    instance: dg.DagsterInstance, table: Table, days: Iterable[date]
) -> dict[date, dg.EventLogRecord]:
    """Per day, the record of its newest materialization. Days that were never materialized are left out."""
    ids, wanted = newest_ids(instance, table), set(days)
    storage_ids = [storage_id for day, storage_id in ids.items() if day in wanted]
    if not storage_ids:
        return {}
    found = instance.fetch_materializations(
        dg.AssetRecordsFilter(dg.AssetKey(table.name), storage_ids=storage_ids), limit=len(storage_ids)
    )
    return {date.fromisoformat(str(record.partition_key)): record for record in found.records}


def _row_count(record: dg.EventLogRecord) -> int:
    """The row count that the write recorded. A day that was reported by hand has none and counts as empty."""
    materialization = record.asset_materialization
    value = materialization.metadata.get("dagster/row_count") if materialization else None
    return int(str(value.value)) if value else 0
