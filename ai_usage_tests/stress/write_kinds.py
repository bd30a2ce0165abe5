"""The kinds of write that are interrupted, each with the rows before it, and the rows of a table at any time."""

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace as changed
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pyarrow as pa

from ai_usage_assets.days import Days
from ai_usage_assets.schema.arrow import arrow_schema
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.tables.curated import FCT_COST_DAILY
from ai_usage_assets.schema.tables.restatements import FCT_RESTATEMENTS
from ai_usage_assets.warehouse.chunks import Chunk, Chunks, in_chunks
from ai_usage_assets.warehouse.engine import Engine, Select, WriteContext
from ai_usage_assets.warehouse.write import replace
from ai_usage_tests.support.sample_tables import (
    ARTISTS,
    MONDAY,
    NOON,
    ONE,
    PLAYS,
    THURSDAY,
    WEDNESDAY,
    play,
    rows,
)

Rows = list[tuple[Any, ...]]

WEEK = Days(MONDAY, THURSDAY)
TWO = Days(MONDAY, MONDAY + timedelta(days=1))
COPIED_PLAYS = changed(PLAYS, name="plays_copied")
COPY_PLAYS = Select(
    f"select {', '.join(PLAYS.column_names)} from plays where day >= @first_day and day < @end_day", (PLAYS,)
)
UNTOUCHED_DAY = THURSDAY + timedelta(days=1)
"""A day that no write changes."""


@dataclass(frozen=True)
class WriteKind:
    """A kind of write. `windows` are the ranges of days that are replaced atomically, in their order."""

    name: str
    table: Table
    rows: Callable[[str], Any]
    """The rows of a version, `a` or `b`."""
    days: Days | None
    windows: tuple[Days | None, ...] = (None,)
    is_first: bool = False
    """The table has no rows before this write."""

    def write(self, engine: Engine, version: str) -> None:
        """Write one version of the rows through the write path, chunk by chunk as the IO manager does."""
        context = WriteContext(f"run-{uuid4().hex[:12]}", self.table.name)
        for chunk in in_chunks(self.table, self.rows(version), self.days, engine):
            [rows] = chunk.tables.values()
            part = context.part(str(chunk.days)) if chunk.days else context
            replace(engine, self.table, rows, chunk.days, part)

    def prepare(self, engine: Engine) -> None:
        """Write the rows that exist before the write."""
        if self.is_first:
            return
        if self.table is COPIED_PLAYS:
            replace(engine, PLAYS, plays(WEEK, "b", 40), WEEK, WriteContext("run", "prepared"))
        if self.table in (PLAYS, COPIED_PLAYS):
            replace(
                engine,
                self.table,
                plays(ONE(UNTOUCHED_DAY), "untouched", 3),
                ONE(UNTOUCHED_DAY),
                WriteContext("run", "prepared"),
            )
        self.write(engine, "a")


def plays(days: Days, song: str, count: int) -> pa.Table:
    return rows(*(play(day, f"{song}{n}", n) for day in days for n in range(count)))


def costs(version: str) -> pa.Table:
    nothing = dict.fromkeys(FCT_COST_DAILY.column_names)
    usd = {"a": Decimal(2), "b": Decimal(3)}[version]
    day_of = {"cost_type": "usage", "processed_at": NOON, "cost_usd": usd, "platform": "cursor"}
    made = [
        nothing | day_of | {"cost_date": day, "user_email": f"p{n}@example.com"}
        for day in TWO
        for n in range(10)
    ]
    return pa.Table.from_pylist(made, schema=arrow_schema(FCT_COST_DAILY))


def artists(version: str) -> pa.Table:
    at = NOON + timedelta(days=version == "b")
    listed = range(20) if version == "a" else range(10, 30)
    made = [
        {
            "artist_id": f"{n:03}",
            "name": f"{n}{version}",
            "first_seen_at": at,
            "last_seen_at": at,
            "is_current": True,
        }
        for n in listed
    ]
    return rows(*made, table=ARTISTS)


def copied(version: str) -> Select:
    return changed(COPY_PLAYS, sql=COPY_PLAYS.sql + (" and song < 'b2'" if version == "a" else ""))


def day_by_day(version: str) -> Chunks:
    return Chunks(iter([Chunk(ONE(day), {PLAYS: plays(ONE(day), version, 30)}) for day in WEEK]))


WRITE_KINDS = (
    WriteKind("first write", PLAYS, lambda v: plays(WEEK, v, 40), WEEK, (WEEK,), is_first=True),
    WriteKind("a day", PLAYS, lambda v: plays(ONE(MONDAY), v, 200), ONE(MONDAY), (ONE(MONDAY),)),
    WriteKind("a range", PLAYS, lambda v: plays(WEEK, v, 100), WEEK, (WEEK,)),
    WriteKind(
        "an empty range",
        PLAYS,
        lambda v: plays(Days(MONDAY, WEDNESDAY), v, 100 if v == "a" else 0),
        Days(MONDAY, WEDNESDAY),
        (Days(MONDAY, WEDNESDAY),),
    ),
    WriteKind("a range in chunks", PLAYS, day_by_day, WEEK, tuple(ONE(day) for day in WEEK)),
    WriteKind("a fact with its restatements", FCT_COST_DAILY, costs, TWO, (TWO,)),
    WriteKind("a snapshot table", ARTISTS, artists, None),
    WriteKind("a Select", COPIED_PLAYS, copied, WEEK, (WEEK,)),
)


def table_rows(engine: Engine, table: Table) -> Rows:
    """The sorted rows of a table, without the times of the write. Empty if the table does not exist."""
    columns = [name for name in table.column_names if name not in ("restated_at", "first_published_at")]
    with engine.session() as session:
        if session.schema_drift(table).is_absent:
            return []
        found = session.fetch(f"select {', '.join(columns)} from {table.name}")
    return sorted((tuple(row.values()) for row in found.to_pylist()), key=repr)


def rows_in(table: Table, all_rows: Rows, days: Days | None) -> Rows:
    """The rows in a window. The first column of every partitioned table here is its day."""
    return [row for row in all_rows if days is None or days.first <= row[0] <= days.last]


def restatement_rows(engine: Engine) -> Rows:
    return table_rows(engine, FCT_RESTATEMENTS)
