"""Cursor's totals of a billing cycle and ours: what was asked for last, and the sums of the events up to that moment."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from ai_usage_assets.curated.select import in_window, tables_read, with_intermediates
from ai_usage_assets.days import ONE_DAY, Days
from ai_usage_assets.schema.ddl import names
from ai_usage_assets.schema.tables.cursor_spend import RAW_CURSOR_OPEN_DAY, RAW_CURSOR_SPEND
from ai_usage_assets.schema.tables.raw import RAW_CURSOR_EVENTS
from ai_usage_assets.warehouse.engine import Engine, WriteContext
from ai_usage_assets.warehouse.ensure_tables import ensure
from ai_usage_assets.warehouse.sql import day, within

TOTALS = f"""select cycle_start, max(fetched_at) as asked_at, count(*) as members, count(spend_usd) as with_spend,
  count(overall_spend_usd) as with_overall, sum(spend_usd) as spend, sum(overall_spend_usd) as overall
from {RAW_CURSOR_SPEND.name}
group by cycle_start
order by asked_at desc, cycle_start desc
limit 1"""

BY_KIND = """select charge_kind as kind,
  coalesce(sum(amount_usd), 0) as everything,
  coalesce(sum(if(is_charged, amount_usd, 0)), 0) as by_kind,
  coalesce(sum(if(coalesce(is_chargeable, false), amount_usd, 0)), 0) as by_flag,
  coalesce(sum(if(coalesce(is_chargeable, false) and not is_charged, amount_usd, 0)), 0) as flag_alone
from int_cursor_events
group by 1
order by 1"""
FROM_EVENTS = f"from {RAW_CURSOR_EVENTS.name}\n"


@dataclass(frozen=True)
class Totals:
    """Cursor's, of the cycle that was asked for last, in dollars."""

    cycle_start: datetime
    asked_at: datetime
    members: int
    spend: Decimal | None
    overall: Decimal | None
    """None unless every member with a spend has one: answers of 2025 have none."""
    open_day_asked_at: datetime | None
    """None if the open day has no events."""


@dataclass(frozen=True)
class Sums:
    """Ours, over all events of the cycle up to the same moment, in dollars."""

    everything: Decimal
    by_kind: Decimal
    """What the kind decides to be charged, as in fct_cost_daily."""
    by_flag: Decimal
    """What isChargeable alone would charge."""
    flag_alone: Decimal
    """What isChargeable says is charged and the kind says is not."""
    kinds: dict[str, Decimal]
    """`everything` by kind."""


def totals(engine: Engine, job: WriteContext | None = None) -> Totals | None:
    """None if nothing was ever listed."""
    with engine.session(job) as session:
        ensure(engine, session, [RAW_CURSOR_SPEND, RAW_CURSOR_OPEN_DAY])
        rows = session.fetch(TOTALS).to_pylist()
        (open_day,) = session.fetch(
            f"select max(fetched_at) as asked_at from {RAW_CURSOR_OPEN_DAY.name}"
        ).to_pylist()
    if not rows:
        return None
    (row,) = rows
    return Totals(
        row["cycle_start"].astimezone(UTC),
        row["asked_at"].astimezone(UTC),
        row["members"],
        row["spend"],
        row["overall"] if row["with_overall"] == row["with_spend"] else None,
        open_day["asked_at"] and open_day["asked_at"].astimezone(UTC),
    )


def sums(engine: Engine, until: Totals, job: WriteContext | None = None) -> Sums:
    sql = statement(until.cycle_start, until.asked_at)
    with engine.session(job) as session:
        ensure(engine, session, tables_read(sql))
        rows = session.fetch(sql).to_pylist()

    def total(name: str) -> Decimal:
        return sum((row[name] for row in rows), Decimal(0))

    kinds = {row["kind"]: row["everything"] for row in rows}
    return Sums(total("everything"), total("by_kind"), total("by_flag"), total("flag_alone"), kinds)


def statement(cycle_start: datetime, asked_at: datetime) -> str:
    """int_cursor_events over the cycle's closed days and its open day, which stand where raw_cursor_events stood."""
    first, today = cycle_start.date(), asked_at.date()
    closed = within("ingest_date", Days(first, today - ONE_DAY)) if first < today else "false"
    columns = names(RAW_CURSOR_EVENTS.column_names)
    start = f"timestamp '{cycle_start:%Y-%m-%d %H:%M:%S.%f}+00'"
    events = (
        f"from (\n"
        f"select {columns} from {RAW_CURSOR_EVENTS.name} where {closed} and event_at >= {start}\n"
        f"union all\n"
        f"select {columns} from {RAW_CURSOR_OPEN_DAY.name}\n"
        f")\n"
    )
    sql = with_intermediates(BY_KIND)
    if sql.count(FROM_EVENTS) != 1:
        raise ValueError(f"int_cursor_events.sql must read {RAW_CURSOR_EVENTS.name} exactly once")
    bounds = {"@first_day": day(first), "@end_day": day(today + ONE_DAY)}
    return in_window(sql.replace(FROM_EVENTS, events), bounds)
