"""The statements that the door composes, in GoogleSQL, from declarations alone. No value is ever pasted unquoted."""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from ai_usage_assets.days import Days
from ai_usage_assets.schema.ddl import names
from ai_usage_assets.schema.model import Column, Table


def day(value: date) -> str:
    return f"DATE '{value.isoformat()}'"


def within(column: str, days: Days) -> str:
    """A predicate with bare literals on the bare column: what BigQuery prunes partitions by."""
    return f"`{column}` >= {day(days.first)} and `{column}` < {day(days.end)}"


def on_days(column: str, days: Iterable[date]) -> str:
    """A predicate that names each day."""
    return f"`{column}` in ({', '.join(day(each) for each in sorted(days))})"


def replaced(table: Table, days: Days | None, kept: Collection[date] = ()) -> str | None:
    """Which rows a write replaces: all if None, else those of the window, without the days that are kept."""
    if not (table.partition and days):
        return None
    but = f" and not {on_days(table.partition, kept)}" if kept else ""
    return within(table.partition, days) + but


def for_window(sql: str, days: Days | None) -> str:
    """The SELECT of a curated table, with its window's literals in place."""
    if days is None:
        return sql
    return sql.replace("@first_day", day(days.first)).replace("@end_day", day(days.end))


def in_dataset(sql: str, tables: Iterable[Table], dataset: str) -> str:
    """The tables read, named with their dataset: a view is asked from anywhere."""
    listed = "|".join(table.name for table in tables)
    return re.sub(rf"\b(from|join)(\s+)({listed})\b", rf"\1\2`{dataset}`.\3", sql)


def rows_of(table: Table, source: str, days: Days | None, columns: Sequence[str] = ()) -> str:
    """The rows of a window; every declared column, or those that are named."""
    where = f" where {within(table.partition, days)}" if table.partition and days else ""
    return f"select {names(columns or table.column_names)} from `{source}`{where}"


def merge(table: Table, staged: str, days: Days | None, kept: Collection[date] = ()) -> str:
    """One atomic statement: the window's old rows go, but those of kept days, and the staged rows come."""
    where = replaced(table, days, kept)
    guard = f" and {where}" if where else ""
    columns = names(table.column_names)
    values = ", ".join(f"staged.`{name}`" for name in table.column_names)
    return (
        f"merge `{table.name}` as target using `{staged}` as staged on false\n"
        f"when not matched by source{guard} then delete\n"
        f"when not matched by target then insert ({columns}) values ({values})"
    )


def register(table: Table, incoming: str) -> str:
    """An upserted table after a new list: first_seen_at is kept, and what is not listed stays, never as current."""
    alike = " and ".join(_alike(table.by_name[name]) for name in table.key)
    first = table.key[0]
    kept = {"first_seen_at": "coalesce(known.`first_seen_at`, listed.`first_seen_at`)"}
    columns = ", ".join(f"{kept.get(name, f'listed.`{name}`')} as `{name}`" for name in table.column_names)
    gone = ", ".join(
        "false as `is_current`" if name == "is_current" else f"known.`{name}`" for name in table.column_names
    )
    return (
        f"select {columns} from `{incoming}` as listed left join `{table.name}` as known on {alike}\n"
        f"union all\n"
        f"select {gone} from `{table.name}` as known left join `{incoming}` as listed on {alike}\n"
        f"where listed.`{first}` is null"
    )


def _alike(column: Column) -> str:
    known, listed = f"known.`{column.name}`", f"listed.`{column.name}`"
    equal = f"{known} = {listed}"
    return equal if column.required else f"({equal} or ({known} is null and {listed} is null))"


def logical_bytes(column: Column) -> str:
    """BigQuery's size of one value."""
    fixed = {"INT64": 8, "FLOAT64": 8, "DATE": 8, "TIMESTAMP": 8, "BOOLEAN": 1, "NUMERIC": 16}.get(
        column.type.name
    )
    size = str(fixed) if fixed else f"2 + byte_length(`{column.name}`)"
    return f"if(`{column.name}` is null, 0, {size})"


def shown(column: str, table: Table) -> str:
    """A key column as a culprit is named: a person only by the hash that is dim_users.user_id."""
    declared = table.by_name.get(column)
    if declared is None:
        return f"to_hex(md5(lower(trim({column}))))"
    if declared.personal:
        return f"to_hex(md5(lower(trim(`{column}`))))"
    return f"cast(`{column}` as string)"
