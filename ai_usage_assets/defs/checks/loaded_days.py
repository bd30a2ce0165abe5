"""Which days of a daily table are loaded: days with rows in the warehouse, and days that Dagster recorded as empty.

Neither source is enough alone. A day without any activity never has rows, and a warehouse that was restored from a backup
may lack days that Dagster recorded. So a recorded day without rows counts only if it was recorded without rows.

BigQuery bills 10 MB for a table, however little is read of it, so an hourly check would cost more than a day's load. BigQuery
says for nothing when a table was changed last. A check therefore keeps the days that it found in its own result, and
reads the table again only after a change, of whatever kind.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import dagster as dg
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

from ai_usage_assets.days import Days, listed
from ai_usage_assets.defs.records import newest_records
from ai_usage_assets.schema.model import Table
from ai_usage_assets.warehouse.engine import Engine, Session, WriteContext
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_assets.warehouse.sql import within

CHANGED_AT, WINDOW, WITH_ROWS = "table_changed_at", "window", "days_with_rows"
"""Metadata of a check: what `DaysWithRows` holds."""
AHEAD = timedelta(days=7)
"""Days after the window that are read with it, so that a new day alone is no reason to read again."""
COMPLETED = {AssetCheckExecutionRecordStatus.SUCCEEDED, AssetCheckExecutionRecordStatus.FAILED}


@dataclass(frozen=True)
class DaysWithRows:
    """Those days of a window that have rows in the warehouse, and when the table was changed last."""

    window: Days
    days: frozenset[date]
    changed_at: datetime | None

    @property
    def metadata(self) -> dict[str, Any]:
        """What a check's result holds, so that the next run of the check need not read the table."""
        if self.changed_at is None:
            return {}
        return {
            CHANGED_AT: self.changed_at.isoformat(),
            WINDOW: str(self.window),
            WITH_ROWS: listed(self.days),
        }


def in_last_result(instance: dg.DagsterInstance, table: Table, check: str) -> DaysWithRows | None:
    """What the last result of a check holds; None if there is none, or it is another release's."""
    key = dg.AssetCheckKey(dg.AssetKey(table.name), check)
    records = instance.event_log_storage.get_asset_check_execution_history(key, limit=1, status=COMPLETED)
    evaluation = records[0].evaluation if records else None
    found = {name: str(value.value) for name, value in evaluation.metadata.items()} if evaluation else {}
    if not found.keys() >= {CHANGED_AT, WINDOW, WITH_ROWS}:
        return None
    with_rows = (day for text in found[WITH_ROWS].split(", ") if text for day in Days.parse(text))
    changed_at = datetime.fromisoformat(found[CHANGED_AT])
    return DaysWithRows(Days.parse(found[WINDOW]), frozenset(with_rows), changed_at)


def recent_days_with_rows(
    engine: Engine,
    instance: dg.DagsterInstance,
    table: Table,
    check: str,
    window: Days,
    job: WriteContext | None = None,
) -> DaysWithRows:
    """The days of the window that have rows. The table is read only if it was changed after the check's last result."""
    with engine.session(job) as session:
        ensure_tables(engine, session, [table])
        changed_at = session.changed_at(table.name)
        known = in_last_result(instance, table, check) if changed_at else None
        if (
            known
            and known.changed_at == changed_at
            and window.first in known.window
            and window.last in known.window
        ):
            return known
        read = Days(window.first, window.last + AHEAD)
        return DaysWithRows(read, frozenset(_days_with_rows(session, table, read)), changed_at)


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
        return _days_with_rows(session, table, days)


def _days_with_rows(session: Session, table: Table, days: Days) -> set[date]:
    rows = session.fetch(
        f"select distinct `{table.partition}` as day from `{table.name}` where {within(str(table.partition), days)}"
    )
    return set(rows.column("day").to_pylist())


def empty_days(instance: dg.DagsterInstance, table: Table, days: Collection[date]) -> set[date]:
    """Of days without rows, those that were materialized without rows."""
    recorded = newest_records(instance, table.name, days)
    return {day for day, record in recorded.items() if not _row_count(record)}


def _row_count(record: dg.EventLogRecord) -> int:
    """The row count that the write recorded. A day that was reported by hand has none and counts as empty."""
    materialization = record.asset_materialization
    value = materialization.metadata.get("dagster/row_count") if materialization else None
    return int(str(value.value)) if value else 0
