"""The SQL that the write path is composed of, in GoogleSQL, made of declarations alone.

Every value that goes into a statement is quoted here.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from ai_usage_assets.days import ALL_DAYS, Days
from ai_usage_assets.schema.ddl import names
from ai_usage_assets.schema.model import Column, Table


def day(value: date) -> str:
    return f"DATE '{value.isoformat()}'"


def within(column: str, days: Days) -> str:
    """The condition that a day lies in a range. BigQuery prunes partitions only for literals on the bare column."""
    return f"`{column}` >= {day(days.first)} and `{column}` < {day(days.end)}"


def and_within(table: Table, days: Days = ALL_DAYS) -> str:
    """The same as one more condition, of a table that may have no days. By default it only names bounds, as BigQuery asks."""
    return f" and {within(table.partition, days)}" if table.partition else ""


def on_days(column: str, days: Iterable[date]) -> str:
    """The condition that a day is one of the given days."""
    return f"`{column}` in ({', '.join(day(each) for each in sorted(days))})"


def replaced(table: Table, days: Days | None, kept: Collection[date] = ()) -> str | None:
    """The condition of the rows that a write replaces: those of its days without the kept days. None means all rows."""
    if not (table.partition and days):
        return None
    without_kept = f" and not {on_days(table.partition, kept)}" if kept else ""
    return within(table.partition, days) + without_kept


def for_window(sql: str, days: Days | None) -> str:
    """A SELECT with the literals of its days in place of `@first_day` and `@end_day`."""
    if days is None:
        return sql
    return sql.replace("@first_day", day(days.first)).replace("@end_day", day(days.end))


def in_dataset(sql: str, tables: Iterable[Table], dataset: str) -> str:
    """A SELECT whose tables are qualified with their dataset, as the definition of a view needs it."""
    listed = "|".join(table.name for table in tables)
    return re.sub(rf"\b(from|join)(\s+)({listed})\b", rf"\1\2`{dataset}`.\3", sql)


def rows_of(table: Table, source: str, days: Days | None, columns: Sequence[str] = ()) -> str:
    """A SELECT of some or all declared columns, for some days."""
    where = f" where {within(table.partition, days)}" if table.partition and days else ""
    return f"select {names(columns or table.column_names)} from `{source}`{where}"


def merge(table: Table, staged: str, days: Days | None, kept: Collection[date] = ()) -> str:
    """One atomic statement that deletes the old rows of the days, except those of kept days, and inserts the staged rows."""
    where = replaced(table, days, kept)
    guard = f" and {where}" if where else ""
    columns = names(table.column_names)
    values = ", ".join(f"staged.`{name}`" for name in table.column_names)
    return (
        f"merge `{table.name}` as target using `{staged}` as staged on false\n"
        f"when not matched by source{guard} then delete\n"
        f"when not matched by target then insert ({columns}) values ({values})"
    )


def updated_snapshot(table: Table, listed: str) -> str:
    """A SELECT of a snapshot table after a new list.

    Entries keep their `first_seen_at`. Entries that are no longer listed stay, with `is_current` = false.
    """
    is_same_key = " and ".join(_is_same(table.by_name[name]) for name in table.key)
    first = table.key[0]
    kept = {"first_seen_at": "coalesce(known.`first_seen_at`, listed.`first_seen_at`)"}
    columns = ", ".join(f"{kept.get(name, f'listed.`{name}`')} as `{name}`" for name in table.column_names)
    gone = ", ".join(
        "false as `is_current`" if name == "is_current" else f"known.`{name}`" for name in table.column_names
    )
    return (
        f"select {columns} from `{listed}` as listed left join `{table.name}` as known on {is_same_key}\n"
        f"union all\n"
        f"select {gone} from `{table.name}` as known left join `{listed}` as listed on {is_same_key}\n"
        f"where listed.`{first}` is null"
    )


def _is_same(column: Column) -> str:
    known, listed = f"known.`{column.name}`", f"listed.`{column.name}`"
    equal = f"{known} = {listed}"
    return equal if column.is_required else f"({equal} or ({known} is null and {listed} is null))"


def logical_bytes(column: Column) -> str:
    """The expression of a value's size in bytes, as BigQuery counts it."""
    fixed = {"INT64": 8, "FLOAT64": 8, "DATE": 8, "TIMESTAMP": 8, "BOOLEAN": 1, "NUMERIC": 16}.get(
        column.type.name
    )
    size = str(fixed) if fixed else f"2 + byte_length(`{column.name}`)"
    return f"if(`{column.name}` is null, 0, {size})"


def displayed(column: str, table: Table) -> str:
    """The expression of a key column as messages show it. A person is shown as the hash that is dim_users.user_id."""
    declared = table.by_name.get(column)
    if declared is None:
        return f"to_hex(md5(lower(trim({column}))))"
    if declared.is_personal:
        return f"to_hex(md5(lower(trim(`{column}`))))"
    return f"cast(`{column}` as string)"
