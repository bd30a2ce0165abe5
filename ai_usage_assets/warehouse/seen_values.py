"""Seen values: the first and last day of each value that the dimensions need, without a read of all days of raw usage.

The table is brought up to date before a statement reads it. Only the days that the load log shows as written since are
read, so writes need not know of it, and their order does not matter. All days of a table are read if a value is gone
from its first or last day only, or if the table was changed after its last logged load (a killed write, or a change by hand).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from ai_usage_assets.days import ALL_DAYS, Days
from ai_usage_assets.schema.ddl import string
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.tables.load_log import LOAD_LOG
from ai_usage_assets.schema.tables.seen_values import SEEN_VALUES
from ai_usage_assets.warehouse.engine import Engine, Session
from ai_usage_assets.warehouse.ensure_tables import ensure_tables
from ai_usage_assets.warehouse.sql import day, within

Queries: TypeAlias = Mapping[Table, Sequence[str]]
"""For each daily table, the SELECTs of its values over all days: table_name, attribute, value, detail, first_day, last_day."""

READ = "read"
SAME_KEY = " and ".join(f"{{0}}.{name} = {{1}}.{name}" for name in SEEN_VALUES.key)


@dataclass(frozen=True)
class Unread:
    """What was written to a daily table since its values were read."""

    window: Days
    """The days to read again, as one window."""
    until: datetime
    """The newest load or change that they include."""


def refresh(engine: Engine, session: Session, queries: Queries) -> None:
    """Bring the seen values up to date. If nothing was written since, this is one statement over two small tables."""
    ensure_tables(engine, session, [LOAD_LOG, SEEN_VALUES, *queries])
    unread = find_unread(session, list(queries))
    if not unread:
        return
    windows = {table: found.window for table, found in unread.items()}
    unclear = session.fetch(unclear_statement(queries, windows)).column("table_name").to_pylist()
    windows |= {table: ALL_DAYS for table in windows if table.name in unclear}
    session.execute(
        merge_statement(queries, windows, {table: found.until for table, found in unread.items()})
    )


def find_unread(session: Session, tables: Sequence[Table]) -> dict[Table, Unread]:
    """The tables that were written or changed since their values were read."""
    logged = {row["table_name"]: row for row in session.fetch(state_statement(tables)).to_pylist()}
    found = {}
    for table in tables:
        row = logged[table.name]
        changed_at, loaded_at, read_until = (
            session.changed_at(table.name),
            row["loaded_at"],
            row["read_until"],
        )
        known = max(filter(None, (loaded_at, read_until)), default=None)
        until = max(filter(None, (changed_at, known)), default=None)
        if until is None:
            continue
        if read_until is None or (changed_at and known and changed_at > known):
            found[table] = Unread(ALL_DAYS, until)
        elif row["first_day"]:
            found[table] = Unread(Days(row["first_day"], row["last_day"]), until)
    return found


def state_statement(tables: Sequence[Table]) -> str:
    """For each table: its newest load, until when its values are read, and the first and last day loaded since."""
    named = " union all ".join(f"select {string(table.name)} as table_name" for table in tables)
    return f"""with
named as ({named}),
marks as (select table_name, read_until from `{SEEN_VALUES.name}` where attribute = '{READ}')
select named.table_name, max(log.loaded_at) as loaded_at, max(marks.read_until) as read_until,
  min(if(log.loaded_at > marks.read_until, log.day, null)) as first_day,
  max(if(log.loaded_at > marks.read_until, log.day, null)) as last_day
from named
left join marks on marks.table_name = named.table_name
left join `{LOAD_LOG.name}` as log on log.table_name = named.table_name
group by 1"""


def _compared(queries: Queries, windows: Mapping[Table, Days]) -> str:
    """The values in the windows as they are now, beside the known ones of the same tables."""
    current = "\nunion all\n".join(
        sql.replace(f"{table.partition} >= date '2000-01-01'", within(str(table.partition), window))
        for table, window in windows.items()
        for sql in queries[table]
    )
    listed = "\n  union all ".join(
        f"select {string(table.name)} as table_name, {day(window.first)} as first_day, {day(window.last)} as last_day"
        for table, window in windows.items()
    )
    return f"""read_windows as (
  {listed}
),
found_values as (
-- the names of the columns
select table_name, '' as attribute, '' as value, '' as detail, first_day, last_day
from read_windows
where false
union all
{current}
),
known_values as (
  select known.table_name, known.attribute, known.value, known.detail, known.first_day, known.last_day
  from `{SEEN_VALUES.name}` as known
  join read_windows on read_windows.table_name = known.table_name
  where known.attribute != '{READ}'
),
both as (
  select
    coalesce(known.table_name, found.table_name) as table_name,
    coalesce(known.attribute, found.attribute) as attribute,
    coalesce(known.value, found.value) as value,
    coalesce(known.detail, found.detail) as detail,
    known.first_day as known_first, known.last_day as known_last,
    found.first_day as found_first, found.last_day as found_last
  from known_values as known
  full join found_values as found on {SAME_KEY.format("found", "known")}
),
compared as (
  select both.table_name, both.attribute, both.value, both.detail,
    both.known_first, both.known_last, both.found_first, both.found_last,
    both.known_first >= read_windows.first_day and both.known_first <= read_windows.last_day as is_first_read,
    both.known_last >= read_windows.first_day and both.known_last <= read_windows.last_day as is_last_read,
    both.known_first < read_windows.first_day as is_earlier,
    both.known_last > read_windows.last_day as is_later
  from both
  join read_windows on read_windows.table_name = both.table_name
)"""


def unclear_statement(queries: Queries, windows: Mapping[Table, Days]) -> str:
    """The tables with a value that the window lost on its first or on its last day, but not on both.

    Its other days may lie anywhere between the two. A value that was first and last seen in the window is gone.
    """
    return f"""with
{_compared(queries, windows)}
select distinct table_name
from compared
where found_first is null and is_first_read != is_last_read"""


def merge_statement(queries: Queries, windows: Mapping[Table, Days], until: Mapping[Table, datetime]) -> str:
    """The statement that stores the values of the windows, and until when each table is read."""
    marks = "\n  union all ".join(
        f"select {string(table.name)}, '{READ}', '', '', {day(window.first)}, {day(window.last)}, "
        f"timestamp '{until[table].astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}+00', false"
        for table, window in windows.items()
    )
    return f"""merge `{SEEN_VALUES.name}` as target using (
with
{_compared(queries, windows)},
seen as (
  select table_name, attribute, value, detail, known_first, known_last,
    if(is_earlier, known_first, coalesce(found_first, known_first)) as first_day,
    if(is_later, known_last, coalesce(found_last, known_last)) as last_day,
    coalesce(found_first is null and is_first_read and is_last_read, false) as is_gone
  from compared
)
select table_name, attribute, value, detail, first_day, last_day, cast(null as timestamp) as read_until, is_gone
from seen
where is_gone or known_first is distinct from first_day or known_last is distinct from last_day
union all {marks}
) as changed
on {SAME_KEY.format("target", "changed")}
when matched and changed.is_gone then delete
when matched then update set
  first_day = changed.first_day, last_day = changed.last_day, read_until = changed.read_until
when not matched then insert
  (table_name, attribute, value, detail, first_day, last_day, read_until)
values
  (changed.table_name, changed.attribute, changed.value, changed.detail, changed.first_day, changed.last_day,
   changed.read_until)"""
