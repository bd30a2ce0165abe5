"""Every fact's day is as new as the raw days that it is made of: what automation asked for, and did not get.

The warehouse says so by `fetched_at` and `processed_at`, which travel with the rows and stay true in a warehouse that
was restored from a backup. A day without rows has no such times: of that one Dagster's record says which was written
last. A day that either calls stale is named.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import dagster as dg

from ai_usage_assets.curated.select import tables_read, with_intermediates
from ai_usage_assets.days import Clock, Days, last_closed, listed
from ai_usage_assets.defs.automation import DAILY
from ai_usage_assets.defs.checks.loaded_days import newest_ids, newest_records
from ai_usage_assets.defs.checks.reconciliation_rules import BALANCES
from ai_usage_assets.defs.checks.scope import asking
from ai_usage_assets.defs.warehouse import WarehouseResource
from ai_usage_assets.schema.model import Table
from ai_usage_assets.warehouse.engine import Engine, WriteContext
from ai_usage_assets.warehouse.ensure_tables import ensure
from ai_usage_assets.warehouse.sql import for_window, within

CHECK = "follows_its_raw_days"
GRACE = timedelta(hours=2)
"""A fact that follows within it is on its way, not late."""

Sources = Mapping[Table, Sequence[Table]]


def build(sources: Sources, start_date: date, clock: Clock) -> list[dg.AssetChecksDefinition]:
    """A check for each fact, given the raw tables that it reads."""
    return [check(fact, raw, start_date, clock) for fact, raw in sources.items()]


def check(fact: Table, sources: Sequence[Table], start_date: date, clock: Clock) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=fact.name,
        name=CHECK,
        description="No raw day was written after the fact's day was built from it.",
        additional_deps=[source.name for source in sources],
        automation_condition=DAILY,
    )
    def follows_its_raw_days(
        context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
    ) -> dg.AssetCheckResult:
        before = clock() - GRACE
        days = Days(start_date, max(start_date, last_closed(clock())))
        stale = older_in_warehouse(
            warehouse.engine, fact, sources, days, before, asking(context, fact, CHECK)
        )
        stale |= older_on_record(context.instance, fact, sources, before)
        return result(fact, stale)

    return follows_its_raw_days


def older_in_warehouse(
    engine: Engine,
    fact: Table,
    sources: Sequence[Table],
    days: Days,
    before: datetime,
    job: WriteContext | None = None,
) -> set[date]:
    """Days whose raw rows are newer than the fact's, or hold something to count where the fact holds nothing."""
    sql = statement(fact, sources, days)
    with engine.session(job) as session:
        ensure(engine, session, tables_read(sql))
        rows = session.fetch(sql).to_pylist()
    return {row["day"] for row in rows if row["fetched_at"] < before}


def statement(fact: Table, sources: Sequence[Table], days: Days) -> str:
    raw = "\nunion all\n".join(
        f"select `{source.partition}` as day, fetched_at from `{source.name}` where {within(str(source.partition), days)}"
        for source in sources
    )
    counted = "\nunion distinct\n".join(
        f"select `{b.source.partition}` as day from `{b.read}` "
        f"where {b.where} and {within(str(b.source.partition), days)} group by 1 having sum({b.expression}) != 0"
        for b in BALANCES
        if b.fact is fact
    )
    sql = f"""with
raw as (
select day, max(fetched_at) as fetched_at from (
{raw}
) group by day
),
built as (
select `{fact.partition}` as day, min(processed_at) as processed_at
from `{fact.name}` where {within(str(fact.partition), days)} group by 1
),
counted as (
{counted}
)
select raw.day, raw.fetched_at
from raw
left join built on built.day = raw.day
left join counted on counted.day = raw.day
where built.processed_at < raw.fetched_at or (built.day is null and counted.day is not null)"""
    return for_window(with_intermediates(sql), days)


def older_on_record(
    instance: dg.DagsterInstance, fact: Table, sources: Sequence[Table], before: datetime
) -> set[date]:
    """Days whose raw table was written after the fact's day, or whose fact never was."""
    built, stale = newest_ids(instance, fact), set()
    for source in sources:
        later = [day for day, place in newest_ids(instance, source).items() if place > built.get(day, -1)]
        for day, record in newest_records(instance, source, later).items():
            if record.timestamp < before.timestamp():
                stale.add(day)
    return stale


def result(fact: Table, stale: set[date]) -> dg.AssetCheckResult:
    metadata: dict[str, Any] = {"days": len(stale)}
    if stale:
        metadata |= {
            "stale": listed(stale),
            "remedy": (
                f"Materialise {fact.name} for these days: its run failed, or the raw days landed before automation "
                "was first turned on. The newest weeks mend themselves with the weekly re-read."
            ),
        }
    return dg.AssetCheckResult(
        passed=not stale,
        severity=dg.AssetCheckSeverity.ERROR,
        description=f"{fact.name} is older than its raw tables on {listed(stale)}" if stale else None,
        metadata=metadata,
    )
