"""Which days of a daily table are here: rows in the warehouse, or an empty day on Dagster's record.

Neither alone is true. A day on which nobody did anything has no rows, for ever; and a warehouse that was restored
from a backup has lost days that Dagster's record still knows. So a recorded day without rows counts only if it was
recorded without rows.
"""

from collections.abc import Iterable
from datetime import date

import dagster as dg

from ai_usage_assets.days import Days
from ai_usage_assets.schema.model import Table
from ai_usage_assets.warehouse.engine import Engine, WriteContext
from ai_usage_assets.warehouse.ensure_tables import ensure
from ai_usage_assets.warehouse.sql import within

MATERIALIZATION = dg.DagsterEventType.ASSET_MATERIALIZATION


def landed(
    engine: Engine, instance: dg.DagsterInstance, table: Table, days: Days, job: WriteContext | None = None
) -> set[date]:
    """The days that are here, with rows or as an empty one."""
    held = with_rows(engine, table, days, job)
    return held | landed_empty(instance, table, (day for day in days if day not in held))


def with_rows(engine: Engine, table: Table, days: Days, job: WriteContext | None = None) -> set[date]:
    """The days that have rows in the warehouse."""
    with engine.session(job) as session:
        ensure(engine, session, [table])
        rows = session.fetch(
            f"select distinct `{table.partition}` as day from `{table.name}` where {within(str(table.partition), days)}"
        ).to_pylist()
    return {row["day"] for row in rows}


def landed_empty(instance: dg.DagsterInstance, table: Table, days: Iterable[date]) -> set[date]:
    """Of days without rows, those that landed without any."""
    recorded = newest_records(instance, table, days)
    return {day for day, record in recorded.items() if not _row_count(record)}


def newest_ids(instance: dg.DagsterInstance, table: Table) -> dict[date, int]:
    """Per day, the place of its newest materialisation in Dagster's record; a later one is larger."""
    ids = instance.get_latest_storage_id_by_partition(dg.AssetKey(table.name), MATERIALIZATION)
    return {date.fromisoformat(day): place for day, place in ids.items()}


def newest_records(
    instance: dg.DagsterInstance, table: Table, days: Iterable[date]
) -> dict[date, dg.EventLogRecord]:
    """Per day, its newest materialisation; a day that never was one is not in it."""
    ids, wanted = newest_ids(instance, table), set(days)
    places = [place for day, place in ids.items() if day in wanted]
    if not places:
        return {}
    found = instance.fetch_materializations(
        dg.AssetRecordsFilter(dg.AssetKey(table.name), storage_ids=places), limit=len(places)
    )
    return {date.fromisoformat(str(record.partition_key)): record for record in found.records}


def _row_count(record: dg.EventLogRecord) -> int:
    """As the door recorded it; a day that somebody reported by hand counts as empty."""
    materialised = record.asset_materialization
    value = materialised.metadata.get("dagster/row_count") if materialised else None
    return int(str(value.value)) if value else 0
