"""Which table an asset is kept in, and which days of it a run writes or reads.

A table is named as dagster-gcp names it: the last part of the asset's key is the table, and the metadata `schema`, or
else the part of the key before the last, is the dataset. A key of one part is kept in the warehouse's own dataset.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

import dagster as dg

from ai_usage_assets.days import ONE_DAY, Days, with_months_before
from ai_usage_assets.defs.partitions import days_tagged
from ai_usage_assets.errors import AssetTableError
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.registry import BY_NAME
from ai_usage_assets.warehouse.engine import DayStats, Written

SCHEMA, PARTITION_EXPR, COLUMNS = "schema", "partition_expr", "columns"
"""Metadata of an asset that dagster-gcp reads too."""
DAY_COLUMN, MONTHS_BEFORE = "day_column", "months_before"
"""Metadata of an input: only the days of the run's partition are read, by this column, and those of so many months before."""
IDENTIFIER = re.compile(r"[A-Za-z0-9_]{1,300}", re.ASCII)


@dataclass(frozen=True)
class Location:
    """A table in a dataset; `declared` is None if `schema/` does not declare it."""

    dataset: str
    name: str
    declared: Table | None


def locate(key: dg.AssetKey, metadata: Mapping[str, Any], own_dataset: str) -> Location:
    """Where the asset is kept.

    Raises:
        AssetTableError: the names cannot be used, or the table belongs to a declared asset of another key.
    """
    name = key.path[-1]
    prefix = key.path[-2] if len(key.path) > 1 else own_dataset
    dataset = metadata.get(SCHEMA) or prefix
    for part in (dataset, name):
        if not (isinstance(part, str) and IDENTIFIER.fullmatch(part)):
            raise AssetTableError(
                f"asset {key.to_user_string()} would be kept in a dataset or table named {part!r}. Nothing was written.",
                "Use letters, digits and underscores in the asset's key and in its metadata `schema`.",
            )
    # DuckDB does not distinguish upper and lower case
    is_own = dataset.lower() == own_dataset.lower()
    if is_own and len(key.path) == 1 and name in BY_NAME:
        return Location(own_dataset, name, BY_NAME[name])
    if is_own and name.lower() in BY_NAME:
        raise AssetTableError(
            f"asset {key.to_user_string()} would be kept in {dataset}.{name}, which is the table of the asset "
            f"{name.lower()}. Nothing was written.",
            "Give the asset another key, or another dataset with the metadata `schema`.",
        )
    return Location(dataset, name, None)


def partition_column(key: dg.AssetKey, metadata: Mapping[str, Any]) -> str:
    """The column by whose days the rows of a partitioned asset are replaced.

    Raises:
        AssetTableError: the asset has partitions and names no column.
    """
    column = metadata.get(PARTITION_EXPR)
    if not (isinstance(column, str) and IDENTIFIER.fullmatch(column)):
        raise AssetTableError(
            f"asset {key.to_user_string()} has partitions, and its metadata `{PARTITION_EXPR}` is {column!r}, which is "
            "not the name of a column. Nothing was written.",
            f'Name its column of type DATE, such as @dg.asset(metadata={{"{PARTITION_EXPR}": "day"}}). For an '
            "expression, return its value as a column.",
        )
    return column


def selected_days(context: dg.OutputContext | dg.InputContext) -> Days | None:
    """The days of the partitions that are written or read; None for an asset without partitions.

    Raises:
        AssetTableError: the partitions are not whole days.
    """
    if not context.has_asset_partitions:
        return None
    window = context.asset_partitions_time_window if _has_time_windows(context) else None
    if window is None or window.start.time() != time.min or window.end.time() != time.min:
        raise AssetTableError(
            f"asset {context.asset_key.to_user_string()} has partitions that are not made of whole days. Nothing was "
            "written.",
            "Use daily, weekly or monthly partitions, or no partitions.",
        )
    return Days(window.start.date(), window.end.date() - ONE_DAY)


def input_days(context: dg.InputContext) -> tuple[str | None, Days | None]:
    """The column and the days by which the input's metadata restricts what is read, of a table of any partitions.

    Raises:
        AssetTableError: the run has no partitions.
    """
    metadata = context.definition_metadata or {}
    column = metadata.get(DAY_COLUMN)
    if column is None:
        return None, None
    days = days_tagged(context.step_context.run_tags)
    if days is None:
        raise AssetTableError(
            f"the input {context.name} is read by the days of {DAY_COLUMN} {column!r}, and the run has no partitions.",
            "Give the asset partitions, and materialize one of them.",
        )
    return str(column), with_months_before(days, int(metadata.get(MONTHS_BEFORE) or 0))


def _has_time_windows(context: dg.OutputContext | dg.InputContext) -> bool:
    return isinstance(context.asset_partitions_def, dg.TimeWindowPartitionsDefinition)


def stats_by_partition(context: dg.OutputContext, written: Written) -> Iterator[tuple[str | None, DayStats]]:
    """What each partition holds after the write: rows and bytes, summed over the partition's days."""
    partitions = context.asset_partitions_def if context.has_asset_partitions else None
    if not isinstance(partitions, dg.TimeWindowPartitionsDefinition):
        yield None, _sum(written.stats.values())
        return
    for key in context.asset_partition_keys:
        window = partitions.time_window_for_partition_key(key)
        first, end = window.start.date(), window.end.date()
        yield key, _sum(stats for day, stats in written.stats.items() if day and first <= day < end)


def _sum(stats: Any) -> DayStats:
    listed = list(stats)
    return DayStats(sum(each.rows for each in listed), sum(each.bytes for each in listed), {})


def selected_columns(context: dg.InputContext, known: Sequence[str]) -> Sequence[str]:
    """The columns that the input's metadata `columns` asks for; all if it has none.

    Raises:
        AssetTableError: the table has no such column.
    """
    wanted = (context.definition_metadata or {}).get(COLUMNS)
    if wanted is None:
        return known
    names = list(wanted) if isinstance(wanted, (list, tuple)) else [wanted]
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        raise AssetTableError(
            f"the input {context.name} asks for the columns {names} of {context.asset_key.to_user_string()}, and "
            f"these are not columns of it: {unknown or 'an empty list'}.",
            f"Its columns are {', '.join(known)}.",
        )
    return names
