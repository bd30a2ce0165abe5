"""Days of a fact that are older than the raw days that they are made of: automation requested a run, and it did not succeed.

In the warehouse, `fetched_at` and `processed_at` say so; they are stored with the rows, so they are right in a warehouse
that was restored from a backup. A day without rows has no such times; for it, Dagster's records say which table was
materialized last. A day that either of them calls stale is listed.

The rows of all days would cost more than a day's load. The load log, which is small, says for all days which may be stale;
only the rows of these days are read, and of the days that were loaded since the check ran last.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias

import dagster as dg

from ai_usage_assets.curated.select import with_intermediates
from ai_usage_assets.days import Clock, Days, contiguous, last_closed, listed
from ai_usage_assets.defs.automation import DAILY
from ai_usage_assets.defs.checks.reconciliation_rules import RULES
from ai_usage_assets.defs.checks.scope import fetch_rows
from ai_usage_assets.defs.records import materialization_ids, newest_records
from ai_usage_assets.defs.warehouse import WarehouseResource
from ai_usage_assets.schema.ddl import string
from ai_usage_assets.schema.model import Table
from ai_usage_assets.schema.tables.load_log import LOAD_LOG
from ai_usage_assets.warehouse.sql import for_window, within

CHECK = "no_stale_days"
GRACE = timedelta(hours=2)
"""A fact may be so much later than its raw tables: its run may still be going on."""

SINCE_LAST_CHECK = timedelta(hours=26)
"""The check runs daily. A load that was logged during the write of a fact is compared by its rows."""
MAX_WINDOWS = 8
"""Above this, the days that may be stale are read as one window."""

Sources: TypeAlias = Mapping[Table, Sequence[Table]]
"""For each fact, the raw tables that it reads."""


def build(sources: Sources, start_date: date, clock: Clock) -> list[dg.AssetChecksDefinition]:
    return [no_stale_days(fact, raw, start_date, clock) for fact, raw in sources.items()]


def no_stale_days(
    fact: Table, sources: Sequence[Table], start_date: date, clock: Clock
) -> dg.AssetChecksDefinition:
    """The check `no_stale_days` of one fact."""

    @dg.asset_check(
        asset=fact.name,
        name=CHECK,
        description="No raw day was written after the fact's day was built from it.",
        additional_deps=[source.name for source in sources],
        automation_condition=DAILY,
    )
    def check(context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource) -> dg.AssetCheckResult:
        now = clock()
        before = now - GRACE
        logged = log_statement(fact, sources, now - SINCE_LAST_CHECK)
        days = Days(start_date, max(start_date, last_closed(now)))
        found = fetch_rows(context, warehouse.engine, fact, f"{CHECK}-logged", logged)
        stale: set[date] = set()
        for number, window in enumerate(windows(row["day"] for row in found if row["day"] in days)):
            sql = statement(fact, sources, window)
            rows = fetch_rows(context, warehouse.engine, fact, f"{CHECK}-{number}", sql)
            stale |= {row["day"] for row in rows if row["fetched_at"] < before}
        stale |= stale_by_records(context.instance, fact, sources, before)
        metadata: dict[str, Any] = {"days": len(stale)}
        if not stale:
            return dg.AssetCheckResult(passed=True, metadata=metadata)
        metadata["stale"] = listed(stale)
        metadata["hint"] = (
            f"Materialize {fact.name} for these days: its run failed, or the raw days were loaded before automation was "
            "first turned on. The weekly refresh also rebuilds the newest weeks."
        )
        return dg.AssetCheckResult(
            passed=False,
            severity=dg.AssetCheckSeverity.ERROR,
            description=f"{fact.name} is older than its raw tables on {listed(stale)}",
            metadata=metadata,
        )

    return check


def log_statement(fact: Table, sources: Sequence[Table], since: datetime) -> str:
    """The days that a raw table was loaded for after the fact, or since a moment; days before the log existed are in it."""
    names = ", ".join(string(source.name) for source in sources)
    return f"""select raw.day
from (
  select day, max(loaded_at) as loaded_at from `{LOAD_LOG.name}` where table_name in ({names}) group by day
) as raw
left join `{LOAD_LOG.name}` as built on built.table_name = {string(fact.name)} and built.day = raw.day
where built.loaded_at is null or built.loaded_at < raw.loaded_at
  or raw.loaded_at >= timestamp '{since:%Y-%m-%d %H:%M:%S}+00'"""


def windows(days: Iterable[date]) -> list[Days]:
    """The days as unbroken windows, or as one window if there are too many of them."""
    found = list(contiguous(days))
    return found if len(found) <= MAX_WINDOWS else [Days(found[0].first, found[-1].last)]


def statement(fact: Table, sources: Sequence[Table], days: Days) -> str:
    """The days whose raw rows are newer than the fact's, or that have something to count and no rows in the fact."""
    raw = "\nunion all\n".join(
        f"select `{source.partition}` as day, fetched_at from `{source.name}` where {within(str(source.partition), days)}"
        for source in sources
    )
    countable = "\nunion distinct\n".join(
        f"select `{rule.source.partition}` as day from `{rule.relation}` "
        f"where {rule.where} and {within(str(rule.source.partition), days)} "
        f"and `{rule.source.partition}` in (select day from unbuilt) group by 1 having sum({rule.expression}) != 0"
        for rule in RULES
        if rule.fact is fact
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
unbuilt as (
select raw.day from raw left join built on built.day = raw.day where built.day is null
),
countable as (
{countable}
)
select raw.day, raw.fetched_at
from raw
left join built on built.day = raw.day
left join countable on countable.day = raw.day
where built.processed_at < raw.fetched_at or countable.day is not null"""
    return for_window(with_intermediates(sql), days)


def stale_by_records(
    instance: dg.DagsterInstance, fact: Table, sources: Sequence[Table], before: datetime
) -> set[date]:
    """Days whose raw table was materialized after the fact's day, or whose fact was never materialized."""
    built, stale = materialization_ids(instance, fact.name), set()
    for source in sources:
        newer = [
            day
            for day, storage_id in materialization_ids(instance, source.name).items()
            if storage_id > built.get(day, -1)
        ]
        for day, record in newest_records(instance, source.name, newer).items():
            if record.timestamp < before.timestamp():
                stale.add(day)
    return stale
