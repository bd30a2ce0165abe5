"""The load log: which days of a table were loaded, and what they hold since. Every write keeps it up to date.

The log is written after the rows, so that it never shows rows that are not there. On an engine without transactions, a
crash between the two leaves the log as it was before. The next write of the same days corrects it.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from ai_usage_assets.days import Days
from ai_usage_assets.schema.columns import FETCHED_AT, PROCESSED_AT
from ai_usage_assets.schema.ddl import string
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.tables.load_log import LOAD_LOG
from ai_usage_assets.warehouse.engine import DayStats

MERGED = """when matched then update set
  loaded_at = loaded.loaded_at, `rows` = loaded.`rows`, state = loaded.state
when not matched then insert (table_name, day, loaded_at, `rows`, state)
values (loaded.table_name, loaded.day, loaded.loaded_at, loaded.`rows`, loaded.state)"""


def statement(table: Table, days: Days, stats: Mapping[date | None, DayStats]) -> str:
    """The statement that logs each day of the window as it is after the write."""
    loaded = ",".join(f"{day}/{_rows(stats.get(day))}/{_state(stats.get(day))}" for day in days)
    # the days are one literal: a statement with one row per day takes longer to translate than to run
    return _merge(f"""
  select
    {string(table.name)} as table_name,
    cast(split(entry, '/')[offset(0)] as date) as day,
    current_timestamp() as loaded_at,
    cast(split(entry, '/')[offset(1)] as int64) as `rows`,
    split(entry, '/')[offset(2)] as state
  from unnest(split({string(loaded)}, ',')) as entry""")


def _rows(stats: DayStats | None) -> int:
    return stats.rows if stats else 0


def _state(stats: DayStats | None) -> str:
    if stats and stats.kept:
        return "kept"
    return "rows" if _rows(stats) else "empty"


def earlier_loads_statement(tables: Iterable[Table]) -> str:
    """The statement that logs the days with rows of tables that were loaded before the log existed."""
    return _merge("\n  union all".join(_with_rows(table) for table in tables))


def _with_rows(table: Table) -> str:
    at = next(name for name in (FETCHED_AT.name, PROCESSED_AT.name) if name in table.by_name)
    return f"""
  select {string(table.name)} as table_name, `{table.partition}` as day,
    coalesce(max(`{at}`), current_timestamp()) as loaded_at, count(*) as `rows`, 'rows' as state
  from `{table.name}` where `{table.partition}` >= date '2000-01-01' group by `{table.partition}`"""


def _merge(loaded: str) -> str:
    return f"""merge `{LOAD_LOG.name}` as log using ({loaded}
) as loaded on log.table_name = loaded.table_name and log.day = loaded.day
{MERGED}"""
