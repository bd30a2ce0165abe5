"""A curated table's statement: its own `.sql`, with the intermediate queries that it reads as common table expressions.

An intermediate query `int_<what>.sql` is one definition that several statements share. It is inlined, and is no object of
the warehouse: it can neither be older than the statement that reads it nor be missing (docs/adr/0019).
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from ai_usage_assets.curated.expressions import with_expressions
from ai_usage_assets.days import Days
from ai_usage_assets.schema.model import Layer, Table
from ai_usage_assets.schema.registry import BY_NAME
from ai_usage_assets.schema.tables.seen_values import SEEN_VALUES
from ai_usage_assets.warehouse.engine import Select, View
from ai_usage_assets.warehouse.sql import for_window

READ = re.compile(r"\b(?:from|join)\s+`?(\w+)")
"""How our statements name what they read. A parser takes longer than the rest of the load, so it is for the tests."""
FIRST_DAY = date(2025, 1, 1)
"""The default of AI_USAGE_START_DATE."""
PREFIX = "int_"
SEEN = ("int_seen_emails", "int_seen_services", "int_seen_members", "int_seen_keys")
"""The intermediate queries whose rows the table seen_values holds."""
HEADER = re.compile(r"\A(?:--[^\n]*\n)*")
MIN_BYTES_BILLED = 10 * 1024 * 1024
"""What BigQuery bills at least for each table of a statement."""
TODAY = {"@first_day": "current_date('UTC')", "@end_day": "date_add(current_date('UTC'), interval 1 day)"}
"""The window of an intermediate query in a dimension, which is about today."""
ALWAYS = {"@first_day": "date '2000-01-01'", "@end_day": "date '2100-01-01'"}
"""Its window in a view, which is about every day."""
BEGINNING = "date '2000-01-01'"
"""The lower bound of each partition that a view reads: BigQuery prunes only by a literal."""


@dataclass(frozen=True)
class Thresholds:
    """The settings that views have as literals."""

    moderate_days: int = 2
    """From how many active days in a week a person is a moderate user (agg_adoption)."""
    heavy_days: int = 4
    anomaly_floor_usd: int = 25
    """By how many dollars a day must exceed its usual value to be an anomaly (agg_anomalies)."""


def select(
    table: Table,
    start_date: date = FIRST_DAY,
    *,
    reads_all_days: bool = True,
    thresholds: Thresholds = Thresholds(),
) -> Select:
    """The statement of a curated table, with the declared tables that it reads.

    Args:
        table: the curated table.
        start_date: the first day that there should be: what `@start_date` stands for in a view.
        reads_all_days: whether it reads all days of raw usage for what `seen_values` holds. The result is the same.
        thresholds: the settings that views have as literals.
    """
    sql = with_intermediates(text(table.name), () if reads_all_days else SEEN)
    sql = sql.replace("@start_date", f"date '{start_date}'")
    sql = sql.replace("@moderate_days", str(thresholds.moderate_days))
    sql = sql.replace("@heavy_days", str(thresholds.heavy_days))
    sql = sql.replace("@anomaly_floor_usd", str(thresholds.anomaly_floor_usd))
    if table.partition is None:
        sql = in_window(sql, ALWAYS if table.layer is Layer.VIEW else TODAY)
    read = [name for name in SEEN if not reads_all_days and re.search(rf"\b{name}\b", sql)]
    for name in read:
        sql = sql.replace(name, SEEN_VALUES.name)
    kind = View if table.layer is Layer.VIEW else Select
    return kind(sql, tables_read(sql), seen_values(read))


def of_days(view: Table, days: Days) -> str:
    """The statement of a view whose SQL has `@first_day` and `@end_day`, over some days: BigQuery reads no other ones."""
    return for_window(with_intermediates(text(view.name)), days)


def since(sql: str, first: date) -> str:
    """The statement of a view over the days from this one on, for a question that needs no earlier ones."""
    return sql.replace(BEGINNING, f"date '{first}'")


def seen_values(needed: Collection[str] = SEEN) -> dict[Table, list[str]]:
    """For each daily table that these intermediate queries read, the parts of all of SEEN that read it."""
    tables = {table for name in needed for table in tables_read(text(name))}
    parts: dict[Table, list[str]] = {table: [] for table in sorted(tables, key=lambda table: table.name)}
    for part in (part for name in SEEN for part in HEADER.sub("", text(name)).split("\nunion all\n")):
        (table,) = tables_read(part)
        if table in parts:
            parts[table].append(part)
    return parts


def with_intermediates(sql: str, without: Collection[str] = ()) -> str:
    """Any statement in our style, with the intermediate queries that it reads, directly or not, before its own steps."""
    needed: dict[str, str] = {}
    _collect(sql, needed, without)
    if not needed:
        return with_expressions(sql)
    header = HEADER.match(sql)
    start = header.end() if header else 0
    steps = ",\n\n".join(f"{name} as (\n{body}\n)" for name, body in needed.items())
    own = sql[start:].removeprefix("with\n")
    joint = "\n\n" if own == sql[start:] else ",\n\n"
    return with_expressions(f"{sql[:start]}with\n{steps}{joint}{own}")


def tables_read(sql: str) -> tuple[Table, ...]:
    """The declared tables that a statement reads, by name."""
    return tuple(BY_NAME[name] for name in sorted(BY_NAME.keys() & set(READ.findall(sql))))


def min_bytes_billed(table: Table) -> int:
    """The bytes that BigQuery bills at least for the statement of a curated table, however little its inputs hold."""
    return MIN_BYTES_BILLED * len(select(table).inputs)


def in_window(sql: str, bounds: dict[str, str]) -> str:
    for name, bound in bounds.items():
        sql = sql.replace(name, bound)
    return sql


@cache
def text(name: str) -> str:
    return files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8").rstrip("\n")


def _collect(sql: str, found: dict[str, str], without: Collection[str]) -> None:
    """What an intermediate query reads comes before it."""
    for name in dict.fromkeys(READ.findall(sql)):
        if name.startswith(PREFIX) and name not in found and name not in without:
            body = HEADER.sub("", text(name))
            _collect(body, found, without)
            found[name] = body
