"""The kinds of write that are broken off, each with what was there before, and what a dataset holds at an instant."""

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
from ai_usage_assets.warehouse.chunks import chunked
from ai_usage_assets.warehouse.engine import Chunk, Chunks, Engine, Job, Select
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
COPIES = changed(PLAYS, name="plays_copied")
COPY = Select(
    f"select {', '.join(PLAYS.column_names)} from plays where day >= @first_day and day < @end_day", (PLAYS,)
)
BESIDE = THURSDAY + timedelta(days=1)
"""A day that no write touches: it must stay as it is."""


@dataclass(frozen=True)
class Kind:
    """A write that somebody may break off. `parts` are the windows that are replaced as one, in their order."""

    name: str
    table: Table
    given: Callable[[str], Any]
    """The rows, for a version: a or b."""
    days: Days | None
    parts: tuple[Days | None, ...] = (None,)
    first: bool = False
    """Nothing was written before."""

    def write(self, engine: Engine, version: str) -> None:
        """Write one version of the rows through the door, chunk by chunk as the IO manager does."""
        job = Job(f"run-{uuid4().hex[:12]}", self.table.name)
        for days, given, _ in chunked(self.given(version), self.days):
            replace(engine, self.table, given, days, job.part(str(days)) if days else job)

    def prepare(self, engine: Engine) -> None:
        """Make what was there before."""
        if self.first:
            return
        if self.table is COPIES:
            replace(engine, PLAYS, plays(WEEK, "b", 40), WEEK, Job("run", "prepared"))
        if self.table in (PLAYS, COPIES):
            replace(engine, self.table, plays(ONE(BESIDE), "beside", 3), ONE(BESIDE), Job("run", "prepared"))
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
    return changed(COPY, sql=COPY.sql + (" and song < 'b2'" if version == "a" else ""))


def in_chunks(version: str) -> Chunks:
    return Chunks(iter([Chunk(ONE(day), plays(ONE(day), version, 30)) for day in WEEK]))


KINDS = (
    Kind("first write", PLAYS, lambda v: plays(WEEK, v, 40), WEEK, (WEEK,), first=True),
    Kind("a day", PLAYS, lambda v: plays(ONE(MONDAY), v, 200), ONE(MONDAY), (ONE(MONDAY),)),
    Kind("a range", PLAYS, lambda v: plays(WEEK, v, 100), WEEK, (WEEK,)),
    Kind(
        "an empty range",
        PLAYS,
        lambda v: plays(Days(MONDAY, WEDNESDAY), v, 100 if v == "a" else 0),
        Days(MONDAY, WEDNESDAY),
        (Days(MONDAY, WEDNESDAY),),
    ),
    Kind("a range in chunks", PLAYS, in_chunks, WEEK, tuple(ONE(day) for day in WEEK)),
    Kind("a fact with its ledger", FCT_COST_DAILY, costs, TWO, (TWO,)),
    Kind("a register", ARTISTS, artists, None),
    Kind("a Select", COPIES, copied, WEEK, (WEEK,)),
)


def content(engine: Engine, table: Table) -> Rows:
    """The rows of a table, sorted; none if it is not there yet. Instants of the write itself are left out."""
    columns = [name for name in table.column_names if name not in ("restated_at", "first_published_at")]
    with engine.session() as session:
        if session.differences(table).absent:
            return []
        found = session.fetch(f"select {', '.join(columns)} from {table.name}")
    return sorted((tuple(row.values()) for row in found.to_pylist()), key=repr)


def within(table: Table, held: Rows, days: Days | None) -> Rows:
    """Those of a window; every partitioned table here has its day first."""
    return [row for row in held if days is None or days.first <= row[0] <= days.last]


def ledger(engine: Engine) -> Rows:
    return content(engine, FCT_RESTATEMENTS)
